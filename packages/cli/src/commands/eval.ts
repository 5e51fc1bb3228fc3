/**
 * `mace eval`: every structure of a file through a model, in the order of the file.
 *
 * Structures are streamed and computed in batches, so a file of any length runs in bounded memory. People get a table
 * and a progress bar; `--json` prints one object per structure and nothing else on standard output.
 */
import { stat } from 'node:fs/promises';
import {
  createCalculator,
  FormatError,
  isMaceError,
  StructureError,
  type Calculator,
  type EvaluateOptions,
  type MaceModel,
  type Property,
  type Result,
} from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { openStructureWriter, streamFrames, type StructureWriter } from '@mace/io/node';
import { backendNamed } from '../backends.js';
import { bundledModel, loadModel, structureFiles, type ToldOptions } from '../bundled.js';
import { complain, dim, noteWritten, printBeside, printingEnded, printJson, printWritten, yellow } from '../console.js';
import { cutDescriptors } from '../descriptors.js';
import { frameJson } from '../frame-json.js';
import { distanceFunctionsText, frameReport, noteLines, summaryHeader, summaryLine } from '../frame-text.js';
import { progressBar } from '../progress.js';
import { withResults } from '../result-structure.js';

export interface EvalOptions extends ToldOptions {
  readonly model: string | undefined;
  readonly structures: string | undefined;
  /** Of the structures; without it name and content decide. */
  readonly format?: string | undefined;
  readonly backend: string;
  readonly threads?: number;
  readonly precision: 'f64' | 'f32';
  readonly head: string | undefined;
  readonly charge: number | undefined;
  readonly spin: number | undefined;
  readonly output: string | undefined;
  readonly json: boolean;
  readonly infoPrefix: string;
  readonly nodeEnergies: boolean;
  readonly descriptors: boolean;
  readonly descriptorLayers: number;
  readonly descriptorInvariantsOnly: boolean;
  readonly batchSize: number;
  readonly plan: boolean;
  readonly tables: boolean;
}

interface Counts {
  readonly structures: number;
  readonly withTables: number;
  readonly withWarnings: number;
}

interface Evaluated {
  readonly index: number;
  readonly structure: Structure;
  readonly result: Result;
}

export async function evaluate(options: EvalOptions): Promise<void> {
  if (!Number.isInteger(options.batchSize) || options.batchSize < 1)
    throw new FormatError(`--batch-size ${options.batchSize}: expected a whole number of at least 1.`);
  if (options.output !== undefined) await checkResultPlace(options, options.output);
  let said = '';
  const leaveOut = (what: string): void => {
    if (what !== said) complain(`${yellow('note')}: left out of ${options.output}: ${what}\n`);
    said = what;
  };
  const writer = options.output === undefined ? null : await openStructureWriter(options.output, { leaveOut });
  try {
    await evaluateTo(writer, options);
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

/** Structures may be replaced by themselves with results, a model not. @throws FormatError */
async function checkResultPlace({ model, like, infoPrefix }: EvalOptions, output: string): Promise<void> {
  if (/[:\r\n]/.test(infoPrefix))
    throw new FormatError(
      `--info-prefix ${JSON.stringify(infoPrefix)}: extended XYZ has no columns with a colon or a line end in their names. Choose another.`,
    );
  const [place, ...sources] = await Promise.all(
    [output, model ?? bundledModel, like].map(async (path) =>
      path === undefined ? null : stat(path).catch(() => null),
    ),
  );
  if (sources.some((source) => source && place && source.dev === place.dev && source.ino === place.ino))
    throw new FormatError(`--output ${output}: this is the model. Give the name of another file.`);
}

async function evaluateTo(writer: StructureWriter | null, options: EvalOptions): Promise<void> {
  const tell = printBeside(writer?.target, options.json);
  const model = await loadModel(options.model, options);
  checkModelOptions(model, options);
  const calculator = await createCalculator({
    model,
    backend: await backendNamed(options.backend, { threads: options.threads }),
    precision: options.precision,
    plan: options.plan,
    tables: options.tables,
  });
  const started = performance.now();
  try {
    const keep =
      writer &&
      (({ structure, result }: Evaluated): Promise<void> =>
        writer.write(withResults(structure, result, keysOf(model, result, options))));
    const counted = await printAll(options, evaluated(calculator, options), keep, tell);
    await writer?.close();
    if (!options.json) tell(endText(options, counted, performance.now() - started));
    if (writer && !options.json) printWritten(writer.target);
    else if (writer) noteWritten();
  } finally {
    await calculator.dispose();
  }
}

/** An option that this model cannot follow is an error, not a calculation without it. @throws FormatError */
function checkModelOptions({ config }: MaceModel, options: EvalOptions): void {
  const knows = config.embeddings.map(({ name }) => name);
  for (const [option, value, input, what] of [
    ['--charge', options.charge, 'total_charge', 'total charge'],
    ['--spin', options.spin, 'total_spin', 'total spin'],
  ] as const)
    if (value !== undefined && !knows.includes(input))
      throw new FormatError(
        `${option} ${value}: the model ${options.model ?? bundledModel} knows no ${what}; it has ${knows.length > 0 ? `the inputs ${knows.join(', ')}` : 'no such inputs'}, and its energy would not depend on it. Leave the option out, or use a model that was trained with it.`,
      );
  for (const [option, isGiven] of [
    ['--return-descriptors', options.descriptors],
    ['--return-node-energies', options.nodeEnergies],
  ] as const)
    if (isGiven && !options.output)
      throw new FormatError(`${option}: they are written to the output file, and there is none. Add --output FILE.`);
  const layers = options.descriptorLayers;
  if (layers !== -1 && !options.descriptors)
    throw new FormatError(`--descriptor_num_layers ${layers}: no descriptors are asked for. Add --return-descriptors.`);
  if (layers !== -1 && !(Number.isInteger(layers) && layers >= 1 && layers <= config.numInteractions))
    throw new FormatError(
      `--descriptor_num_layers ${layers}: the model has ${config.numInteractions} layers; expected 1 to ${config.numInteractions}, or -1 for all.`,
    );
}

/** All structures with their results, batch by batch. */
async function* evaluated(calculator: Calculator, options: EvalOptions): AsyncGenerator<Evaluated> {
  const evaluateOptions = callOptions(options);
  let first = 0;
  for await (const batch of batches(options)) {
    yield* evaluatedBatch(calculator, batch, first, evaluateOptions);
    first += batch.length;
  }
}

/** The structures that were asked for; also those before the place where a file is wrong, or ends too early. */
async function* batches(options: EvalOptions): AsyncGenerator<readonly Structure[]> {
  let batch: Structure[] = [];
  try {
    for (const file of structureFiles(options)) {
      for await (const structure of streamFrames(file, { format: options.format })) {
        batch.push(structure);
        if (batch.length < options.batchSize) continue;
        yield batch;
        batch = [];
      }
    }
  } catch (error) {
    yield batch;
    throw error;
  }
  yield batch;
}

/** One batch; a structure that is refused is named, after the results of those before it. */
async function* evaluatedBatch(
  calculator: Calculator,
  batch: readonly Structure[],
  first: number,
  options: EvaluateOptions,
): AsyncGenerator<Evaluated> {
  const results = await calculator.evaluateAll(batch, options).catch((error: unknown) => {
    if (isMaceError(error) && error.code === 'structure') return null;
    throw error;
  });
  for (const [i, structure] of batch.entries()) {
    const index = first + i;
    const result =
      results?.[i] ??
      (await calculator.evaluate(structure, options).catch((error: unknown) => {
        if (!isMaceError(error)) throw error;
        throw new StructureError(`structure ${index} of the input: ${error.message}`, { cause: error });
      }));
    yield { index, structure, result };
  }
}

function callOptions(options: EvalOptions): EvaluateOptions {
  const properties: Property[] = ['forces', 'stress'];
  if (options.descriptors) properties.push('descriptors');
  const inputs: Record<string, number> = {};
  if (options.charge !== undefined) inputs.total_charge = options.charge;
  if (options.spin !== undefined) inputs.total_spin = options.spin;
  return { properties, inputs, ...(options.head !== undefined && { head: options.head }) };
}

/**
 * Prints what comes, hands each structure to `keep`; returns how many there were, and for how many tables were used or warnings
 * given. Where nobody reads any more and nothing is kept, it ends.
 */
async function printAll(
  options: EvalOptions,
  frames: AsyncIterable<Evaluated>,
  keep: ((frame: Evaluated) => Promise<void>) | null,
  tell: (text: string) => void,
): Promise<Counts> {
  const bar = progressBar('evaluating', options.json, tell);
  let count = 0;
  let withTables = 0;
  let withWarnings = 0;
  let only: Evaluated | null = null;
  let before = '';
  const printLine = ({ index, structure, result }: Evaluated): void => {
    bar.print(summaryLine(index, structure, result));
    // A whole trajectory has the same notes often: they stand where they change.
    const notes = noteLines(result).join('\n');
    if (notes !== '' && notes !== before) bar.print(notes);
    before = notes;
  };
  try {
    for await (const frame of frames) {
      await keep?.(frame);
      if (options.json) printJson(frameJson(frame.index, frame.structure, frame.result));
      else {
        if (count === 0) only = frame;
        if (count === 1) {
          bar.print(summaryHeader);
          printLine(only!);
          only = null;
        }
        if (count >= 1) printLine(frame);
      }
      count++;
      if (frame.result.tables) withTables++;
      if (frame.result.warnings.length > 0) withWarnings++;
      bar.update(count);
      if (printingEnded() && !keep) break;
    }
  } finally {
    bar.stop();
    // The only one, or the only one before one that is refused.
    if (only) tell(`${frameReport(only.structure, only.result)}\n`);
  }
  return { structures: count, withTables, withWarnings };
}

function endText(options: EvalOptions, { structures, withTables, withWarnings }: Counts, milliseconds: number): string {
  const model = options.model ?? bundledModel;
  const means = distanceFunctionsText(withTables, structures);
  const end = dim(
    `${structures} structure${structures === 1 ? '' : 's'} in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${options.backend}, ${options.precision}, ${means}\n`,
  );
  if (structures === 1 || withWarnings === 0) return end;
  return end + yellow(`${withWarnings} of ${structures} structures have notes; --json has them all\n`);
}

function keysOf(model: MaceModel, result: Result, options: EvalOptions): Parameters<typeof withResults>[2] {
  return {
    prefix: options.infoPrefix,
    nodeEnergies: options.nodeEnergies,
    ...(options.descriptors && {
      descriptors: cutDescriptors(model, result, options.descriptorLayers, options.descriptorInvariantsOnly),
    }),
  };
}
