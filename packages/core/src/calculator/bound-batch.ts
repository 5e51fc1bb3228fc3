/**
 * A batch bound to compiled graphs: one run as a rule. Several where structures need different graphs, since tables hold for some of
 * them only or their heads differ, and where the memory of the backend ends.
 */
import type { Capabilities, EdgeGeometry, RealArray, RunOptions, RunOutputs, RunValues } from '../backend/index.js';
import type { MaceConfig } from '../model/index.js';
import type { Batch } from './batch.js';
import { rangeOf, type BatchRange } from './batch-range.js';
import type { Lease } from './compiled-graphs.js';
import type { ModelGraph } from './model-graphs.js';
import type { MovingBatch } from './moving-batch.js';
import { fitsInto, partsThatFit, runParts, type Part } from './parts.js';
import { costOf, costOfBoth, type RunCost } from './prepared.js';

export interface BoundBatch {
  /** Whether runs need no edge vectors, but positions and cells. */
  readonly takesPositions: boolean;
  /** For each structure, whether its functions of distance come from tables. */
  readonly tables: readonly boolean[];
  /** The most runs that the memory of the backend makes of a batch: 1 where it fits. */
  readonly parts: number;
  /** What a run takes, where the backend can say so; nothing is computed. */
  cost(): RunCost | null;
  /** With the values that the batch has as it is called. */
  run(options?: RunOptions): Promise<RunOutputs>;
  dispose(): void;
}

/** What a batch is bound with. */
export interface BindWith {
  readonly config: MaceConfig;
  /** The batch as it moves, or null: backends that can make edge vectors of positions do. */
  readonly moving: MovingBatch | null;
  readonly capabilities: Capabilities;
  /** A graph for the elements and heads of some structures; null where their elements have no tables together. */
  take(range: BatchRange, tables: boolean): Promise<Lease<ModelGraph> | null>;
}

/** @param withTables - for each structure, whether it may be computed from tables */
export async function bindBatch(host: BindWith, batch: Batch, withTables: readonly boolean[]): Promise<BoundBatch> {
  const ranges: BoundBatch[] = [];
  try {
    const structures = batch.structures.length;
    for (let from = 0, to = 1; from < structures; from = to++) {
      while (to < structures && withTables[to] === withTables[from] && headOf(batch, to) === headOf(batch, from)) to++;
      ranges.push(...(await bindRange(host, batch, from, to, withTables[from]!)));
    }
  } catch (error) {
    ranges.forEach((range) => range.dispose());
    throw error;
  }
  return ranges.length === 1 ? ranges[0]! : joined(ranges);
}

function headOf({ used }: Batch, structure: number): string {
  return used[structure]!.head.value;
}

/** Structures `from` to `to`; in halves where their elements have no tables together, so that each gets what it would get alone. */
async function bindRange(
  host: BindWith,
  batch: Batch,
  from: number,
  to: number,
  withTables: boolean,
): Promise<BoundBatch[]> {
  const range = rangeOf(host.config, batch, from, to);
  const lease = await host.take(range, withTables);
  if (!lease && to - from > 1) {
    const middle = Math.ceil((from + to) / 2);
    const first = await bindRange(host, batch, from, middle, withTables);
    return [...first, ...(await bindRange(host, batch, middle, to, withTables))];
  }
  const { graph, giveBack } = lease ?? (await host.take(range, false))!;
  try {
    const tables = new Array<boolean>(to - from).fill(graph.tables);
    return [{ tables, ...(await bindGraph(host, range, placesOf(host.moving, from, to), graph, giveBack)) }];
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** Positions and cells of structures `from` to `to`, in place. */
function placesOf(moving: MovingBatch | null, from: number, to: number): RunValues | null {
  if (!moving) return null;
  const { offsets } = moving.batch.edges.graph;
  return {
    positions: moving.positions.subarray(3 * offsets[from]!, 3 * offsets[to]!),
    cells: moving.cells.subarray(9 * from, 9 * to),
  };
}

async function bindGraph(
  { config, capabilities }: BindWith,
  range: BatchRange,
  places: RunValues | null,
  { executable }: ModelGraph,
  giveBack: () => void,
): Promise<Omit<BoundBatch, 'tables'>> {
  const { inputs, edges } = range;
  const binding = await executable.bind(inputs);
  let parts: Part[] | null;
  let { values } = inputs;
  const takesPositions = places !== null && binding.setGeometry !== undefined;
  try {
    parts = fitsInto(capabilities, binding) ? null : await partsThatFit(config, range, executable, capabilities);
    if (!parts && takesPositions) {
      await binding.setGeometry!(geometryOf(edges));
      const { edgeVectors: _, ...others } = values;
      values = { ...others, ...places };
    }
  } catch (error) {
    binding.dispose();
    throw error;
  }
  if (!parts)
    return {
      takesPositions,
      parts: 1,
      cost: () => costOf(binding),
      run: (options) => binding.run(values, options),
      dispose: () => {
        binding.dispose();
        giveBack();
      },
    };
  binding.dispose();
  return {
    takesPositions: false,
    parts: parts.length,
    cost: () => parts.map(({ cost }) => cost).reduce(ofBoth),
    run: (options) => {
      // Parts follow each other, while the atoms of a system may move on.
      const now = { ...range, inputs: { ...inputs, values: { ...inputs.values, edgeVectors: edges.vectors.slice() } } };
      return runParts(config, now, parts, (own) => executable.run(own, options));
    },
    dispose: giveBack,
  };
}

function geometryOf({ sender, receiver, graph, shifts }: BatchRange['edges']): EdgeGeometry {
  return { sender: sender.values, receiver: receiver.values, structure: graph.values, shifts };
}

function joined(ranges: readonly BoundBatch[]): BoundBatch {
  return {
    takesPositions: ranges.every(({ takesPositions }) => takesPositions),
    tables: ranges.flatMap(({ tables }) => tables),
    parts: Math.max(1, ...ranges.map(({ parts }) => parts)),
    cost: () => (ranges.length === 0 ? null : ranges.map(({ cost }) => cost()).reduce(ofBoth)),
    run: async (options) => {
      // All are called at once, so that they see the same values.
      const found = await Promise.all(ranges.map(({ run }) => run(options)));
      const names = Object.keys(found[0] ?? {});
      return Object.fromEntries(names.map((name) => [name, concatenated(found.map((outputs) => outputs[name]!))]));
    },
    dispose: () => ranges.forEach((range) => range.dispose()),
  };
}

function concatenated(parts: readonly RealArray[]): RealArray {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = parts[0] instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  let first = 0;
  for (const part of parts) {
    whole.set(part, first);
    first += part.length;
  }
  return whole;
}

function ofBoth(a: RunCost | null, b: RunCost | null): RunCost | null {
  return a && b && costOfBoth(a, b);
}
