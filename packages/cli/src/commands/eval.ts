/**
 * `mace eval`: every structure of a file through a model, in the order of the file.
 *
 * Structures are streamed and computed in batches, so a file of any length runs in bounded memory. People get a table
 * and a progress bar; `--json` prints one object per structure and nothing else on standard output.
 */
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
import { openStructureWriter, streamFrames } from '@mace/io/node';
import pc from 'picocolors';
import { backendNamed } from '../backends.js';
import { bundledModel, loadModel, structureFiles } from '../bundled.js';
import { cutDescriptors } from '../descriptors.js';
import { frameJson } from '../frame-json.js';
import { distanceFunctionsText, frameReport, noteLines, summaryHeader, summaryLine } from '../frame-text.js';
import { progressBar } from '../progress.js';
import { withResults } from '../result-structure.js';

export interface EvalOptions {
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
  const model = await loadModel(options.model);
  const calculator = await createCalculator({
    model,
    backend: await backendNamed(options.backend, { threads: options.threads }),
    precision: options.precision,
    plan: options.plan,
    tables: options.tables,
  });
  const started = performance.now();
  try {
    const writer = options.output ? await openStructureWriter(options.output) : null;
    try {
      const counted = await printAll(options, evaluated(calculator, options), async ({ structure, result }) => {
        await writer?.write(withResults(structure, result, keysOf(model, result, options)));
      });
      await writer?.close();
      if (!options.json) printEnd(options, counted, performance.now() - started);
    } catch (error) {
      await writer?.abort();
      throw error;
    }
  } finally {
    await calculator.dispose();
  }
}

/** All structures with their results, batch by batch. */
export async function* evaluated(calculator: Calculator, options: EvalOptions): AsyncGenerator<Evaluated> {
  const evaluateOptions = callOptions(options);
  let first = 0;
  let batch: Structure[] = [];
  for (const file of structureFiles(options)) {
    for await (const structure of streamFrames(file, { format: options.format })) {
      batch.push(structure);
      if (batch.length < options.batchSize) continue;
      yield* evaluatedBatch(calculator, batch, first, evaluateOptions);
      first += batch.length;
      batch = [];
    }
  }
  yield* evaluatedBatch(calculator, batch, first, evaluateOptions);
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

/** Prints what comes, hands each structure to `keep`; returns how many there were, and for how many tables were used or warnings given. */
async function printAll(
  options: EvalOptions,
  frames: AsyncIterable<Evaluated>,
  keep: (frame: Evaluated) => Promise<void>,
): Promise<Counts> {
  const bar = progressBar('evaluating', options.json);
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
  for await (const frame of frames) {
    await keep(frame);
    if (options.json)
      process.stdout.write(`${JSON.stringify(frameJson(frame.index, frame.structure, frame.result))}\n`);
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
  }
  bar.stop();
  if (only) process.stdout.write(`${frameReport(only.structure, only.result)}\n`);
  return { structures: count, withTables, withWarnings };
}

function printEnd(options: EvalOptions, { structures, withTables, withWarnings }: Counts, milliseconds: number): void {
  const model = options.model ?? bundledModel;
  const means = distanceFunctionsText(withTables, structures);
  process.stdout.write(
    pc.dim(
      `${structures} structure${structures === 1 ? '' : 's'} in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${options.backend}, ${options.precision}, ${means}\n`,
    ),
  );
  if (structures > 1 && withWarnings > 0)
    process.stdout.write(pc.yellow(`${withWarnings} of ${structures} structures have notes; --json has them all\n`));
  if (options.output) process.stdout.write(`wrote ${options.output}\n`);
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
