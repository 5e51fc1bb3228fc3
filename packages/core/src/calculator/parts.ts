/**
 * A batch that does not fit into the memory of a backend, as several runs that do. Each computes the atoms of one range together
 * with all that their energies and forces depend on. Batches are in the order of a curve through space, so a range is compact.
 */
import {
  indexMapValues,
  type Capabilities,
  type Executable,
  type IndexMapValues,
  type Binding,
  type RealArray,
  type RunInputs,
} from '../backend/index.js';
import type { MaceConfig } from '../model/index.js';
import type { EdgeBatch } from '../structure/index.js';
import type { BatchRange } from './batch-range.js';
import { costOf, type RunCost } from './prepared.js';

/** Atoms `from` to `to` of a batch, and what the run that computes them takes. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly cost: RunCost | null;
}

/** Share of the memory that a run may take; the rest is for weights and tables. */
const shareOfMemory = 0.9;
/** A run for fewer atoms would compute almost only what they depend on. */
const fewestAtoms = 256;

/** Whether a run of these inputs fits, as far as the backend can say. */
export function fitsInto(
  { maxBufferBytes, maxMemoryBytes = Infinity }: Capabilities,
  { bytes = 0, largestBufferBytes = 0 }: Pick<Binding, 'bytes' | 'largestBufferBytes'>,
): boolean {
  return bytes <= shareOfMemory * maxMemoryBytes && largestBufferBytes <= maxBufferBytes;
}

/**
 * The parts that fit into the memory, of a batch that does not. Structures are torn apart only where one alone does not fit, and then
 * in halves of halves, so its parts do not depend on the other structures.
 * @returns null if parts would not help
 */
export async function partsThatFit(
  config: MaceConfig,
  batch: BatchRange,
  executable: Executable,
  capabilities: Capabilities,
): Promise<Part[] | null> {
  const partsOf = async (from: number, to: number): Promise<Part[] | null> => {
    const binding = await executable.bind(partOf(config, batch, from, to).inputs);
    try {
      return fitsInto(capabilities, binding) ? [{ from, to, cost: costOf(binding) }] : await inHalves(from, to);
    } finally {
      binding.dispose();
    }
  };
  const inHalves = async (from: number, to: number): Promise<Part[] | null> => {
    const middle = middleOf(batch.edges, from, to);
    if (middle === null) return null;
    const [first, second] = [await partsOf(from, middle), await partsOf(middle, to)];
    return first && second && [...first, ...second];
  };
  return inHalves(0, batch.edges.atoms);
}

/** Between two structures if there are several, else between two atoms; null where there are too few. */
function middleOf({ graph: { values, offsets } }: EdgeBatch, from: number, to: number): number | null {
  const middle = Math.floor((from + to) / 2);
  if (values[from] === values[to - 1]) return middle - from < fewestAtoms ? null : middle;
  const [start, end] = [offsets[values[middle]!]!, offsets[values[middle]! + 1]!];
  return end < to ? end : start;
}

/** The outputs [atoms, …] of a batch, part by part. @param run - computes those of one part */
export async function runParts(
  config: MaceConfig,
  batch: BatchRange,
  parts: readonly Part[],
  run: (inputs: RunInputs) => Promise<Readonly<Record<string, RealArray>>>,
): Promise<Record<string, RealArray>> {
  const { atoms } = batch.edges;
  const whole: Record<string, RealArray> = {};
  for (const { from, to } of parts) {
    // Made again for each run: all at once they would take more memory than the batch.
    const { inputs, row } = partOf(config, batch, from, to);
    for (const [name, values] of Object.entries(await run(inputs))) {
      const width = values.length / inputs.dims.atoms;
      whole[name] ??=
        values instanceof Float64Array ? new Float64Array(atoms * width) : new Float32Array(atoms * width);
      whole[name].set(values.subarray(row * width, (row + to - from) * width), from * width);
    }
  }
  return whole;
}

/** The inputs of atoms `from` to `to` and of what they depend on, and the row of the first. */
function partOf(config: MaceConfig, batch: BatchRange, from: number, to: number): { inputs: RunInputs; row: number } {
  const { edges, inputs } = batch;
  // An energy depends on edges to atoms up to layers − 1 edges away, and a force on the energies of atoms up to as many edges
  // away as there are layers.
  const farthest = 2 * config.numInteractions - 1;
  const distances = edgesAway(edges, from, to, farthest + 1);
  const members = rowsWhere(distances, (distance) => distance <= farthest + 1);
  const kept = edgesTo(edges, members, (atom) => distances[atom]! <= farthest);
  const number = new Int32Array(edges.atoms);
  members.forEach((atom, row) => (number[atom] = row));
  const ends = ({ values }: IndexMapValues): IndexMapValues =>
    indexMapValues(
      kept.map((edge) => number[values[edge]!]!),
      members.length,
    );
  const ofMembers = ({ values, offsets }: IndexMapValues): IndexMapValues =>
    indexMapValues(
      members.map((atom) => values[atom]!),
      offsets.length - 1,
    );
  const maps: Record<string, IndexMapValues> = { ...inputs.maps };
  const values = { ...(inputs.values as Record<string, RealArray>) };
  Object.assign(maps, { sender: ends(edges.sender), receiver: ends(edges.receiver) });
  values.edgeVectors = rowsOf(values.edgeVectors!, kept, 3);
  const perAtom = config.embeddings.flatMap(({ name, per }) => (per === 'atom' ? [name] : []));
  for (const name of ['graph', 'species', ...perAtom]) {
    if (maps[name]) maps[name] = ofMembers(maps[name]);
    else values[name] = rowsOf(values[name]!, members, values[name]!.length / edges.atoms);
  }
  const dims = { atoms: members.length, edges: kept.length, graphs: edges.graphs };
  const borders = Int32Array.from({ length: edges.graphs + 1 }, (_, graph) =>
    firstAtLeast(members, edges.graph.offsets[graph]!),
  );
  return { inputs: { dims, maps, borders, values }, row: number[from]! };
}

/** Number of ascending values that are less. */
function firstAtLeast(values: Int32Array, least: number): number {
  const found = values.findIndex((value) => value >= least);
  return found < 0 ? values.length : found;
}

/** How many edges away from atoms `from` to `to` each atom is, more than `most` as 255. */
function edgesAway({ atoms, sender, receiver }: EdgeBatch, from: number, to: number, most: number): Uint8Array {
  const distances = new Uint8Array(atoms).fill(255).fill(0, from, to);
  let front = Array.from({ length: to - from }, (_, i) => from + i);
  for (let distance = 1; distance <= most; distance++) {
    const next: number[] = [];
    for (const atom of front) {
      // Each edge has one that goes back, so those that arrive know all neighbors.
      for (let edge = receiver.offsets[atom]!; edge < receiver.offsets[atom + 1]!; edge++) {
        const neighbor = sender.values[edge]!;
        if (distances[neighbor] !== 255) continue;
        distances[neighbor] = distance;
        next.push(neighbor);
      }
    }
    front = next;
  }
  return distances;
}

function rowsWhere(values: Uint8Array, holds: (value: number) => boolean): Int32Array {
  const rows = new Int32Array(values.length);
  let count = 0;
  values.forEach((value, row) => holds(value) && (rows[count++] = row));
  return rows.slice(0, count);
}

/** Edges of a batch, sorted by receiver, to some of the atoms. */
function edgesTo({ edges, receiver }: EdgeBatch, atoms: Int32Array, wanted: (atom: number) => boolean): Int32Array {
  const found = new Int32Array(edges);
  let count = 0;
  for (const atom of atoms) {
    if (!wanted(atom)) continue;
    for (let edge = receiver.offsets[atom]!; edge < receiver.offsets[atom + 1]!; edge++) found[count++] = edge;
  }
  return found.slice(0, count);
}

function rowsOf(values: RealArray, rows: Int32Array, width: number): Float64Array {
  const found = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; k++) found[i * width + k] = values[row * width + k]!;
  });
  return found;
}
