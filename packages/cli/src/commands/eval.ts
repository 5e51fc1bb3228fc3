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
import { openStructureWriter, streamStructureFile } from '@mace/io/node';
import pc from 'picocolors';
import { backendNamed } from '../backends.js';
import { bundledModel, bundledStructures, loadModel, type ToldOptions } from '../bundled.js';
import { cutDescriptors } from '../descriptors.js';
import { frameJson } from '../frame-json.js';
import { distanceFunctionsText, frameReport, summaryHeader, summaryLine } from '../frame-text.js';
import { progressBar } from '../progress.js';
import { withResults } from '../result-structure.js';

export interface EvalOptions extends ToldOptions {
  readonly model: string | undefined;
  readonly structures: string | undefined;
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
}

interface Evaluated {
  readonly index: number;
  readonly structure: Structure;
  readonly result: Result;
}

export async function evaluate(options: EvalOptions): Promise<void> {
  if (!Number.isInteger(options.batchSize) || options.batchSize < 1)
    throw new FormatError(`--batch-size ${options.batchSize}: expected a whole number of at least 1.`);
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
export async function* evaluated(calculator: Calculator, options: EvalOptions): AsyncGenerator<Evaluated> {
  const evaluateOptions = callOptions(options);
  let first = 0;
  let batch: Structure[] = [];
  for (const file of options.structures ? [options.structures] : bundledStructures) {
    for await (const structure of streamStructureFile(file)) {
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

/** Prints what comes, hands each structure to `keep`; returns how many there were, and for how many tables were used. */
async function printAll(
  options: EvalOptions,
  frames: AsyncIterable<Evaluated>,
  keep: (frame: Evaluated) => Promise<void>,
): Promise<Counts> {
  const bar = progressBar('evaluating', options.json);
  let count = 0;
  let withTables = 0;
  let only: Evaluated | null = null;
  for await (const frame of frames) {
    await keep(frame);
    if (options.json)
      process.stdout.write(`${JSON.stringify(frameJson(frame.index, frame.structure, frame.result))}\n`);
    else {
      if (count === 0) only = frame;
      if (count === 1) {
        bar.print(summaryHeader);
        bar.print(summaryLine(only!.index, only!.structure, only!.result));
        only = null;
      }
      if (count >= 1) bar.print(summaryLine(frame.index, frame.structure, frame.result));
    }
    count++;
    if (frame.result.tables) withTables++;
    bar.update(count);
  }
  bar.stop();
  if (only) process.stdout.write(`${frameReport(only.structure, only.result)}\n`);
  return { structures: count, withTables };
}

function printEnd(options: EvalOptions, { structures, withTables }: Counts, milliseconds: number): void {
  const model = options.model ?? bundledModel;
  const means = distanceFunctionsText(withTables, structures);
  process.stdout.write(
    pc.dim(
      `${structures} structure${structures === 1 ? '' : 's'} in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${options.backend}, ${options.precision}, ${means}\n`,
    ),
  );
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
