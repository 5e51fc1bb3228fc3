/**
 * Structures as the inputs of one run: edges, index maps, extra inputs, in the order that the graph computes them,
 * and the way back to the caller's order.
 */
import {
  indexMapValues,
  type Backend,
  type IndexMapValues,
  type NeighborEdges,
  type RealArray,
  type RunInputs,
} from '../backend/index.js';
import { StructureError } from '../errors.js';
import { embeddingMap, type MaceConfig } from '../model/index.js';
import {
  atomOrder,
  buildEdges,
  concatenateEdges,
  edgeVectors,
  permuteRows,
  permuteStructure,
  restoreRows,
  type EdgeBatch,
  type NeighborList,
  type Structure,
} from '../structure/index.js';
import { categoryRow, embeddingInput, headOf, inputRows, type InputOptions } from './model-inputs.js';
import type { UsedValue } from './results.js';

export interface Batch {
  /** As the caller gave them. */
  readonly structures: readonly Structure[];
  /** For each structure, which atom of the caller is computed in each place. */
  readonly orders: readonly Int32Array[];
  /** Everything below is in the order of computation: neighbors in space are neighbors in memory. */
  readonly edges: EdgeBatch;
  readonly inputs: RunInputs;
  /** Element indices that occur, ascending. */
  readonly elements: readonly number[];
  /** Head indices that occur, ascending. */
  readonly heads: readonly number[];
  readonly used: readonly {
    readonly head: UsedValue<string>;
    readonly inputs: Readonly<Record<string, UsedValue<number | readonly number[]>>>;
  }[];
  /** Values of structure `graph` [its atoms, width] in the caller's order. */
  rowsOf(graph: number, values: RealArray, width: number): Float64Array;
  /** v_receiver − v_sender of each edge [edges 3] for a vector per atom [atoms 3] in the caller's order. */
  edgeDifferences(vector: Float64Array): Float64Array;
}

/** Finds the neighbors of one structure. */
export type NeighborSearch = NonNullable<Backend['neighbors']>;

export interface BatchOptions {
  /** A backend's, where it has one; core's otherwise. */
  readonly search?: NeighborSearch | undefined;
  /** Å: the longest edges. Default the cutoff. */
  readonly reach?: number;
  /** Which atom of the caller is computed in each place, for each structure. Default by place in space. */
  readonly orders?: readonly Int32Array[];
}

export async function makeBatch(
  config: MaceConfig,
  structures: readonly Structure[],
  options: InputOptions,
  { search, reach = config.cutoff, orders = structures.map((structure) => atomOrder(structure)) }: BatchOptions = {},
): Promise<Batch> {
  const ordered = structures.map((structure, g) => permuteStructure(structure, orders[g]!));
  const edges = await edgesOf(structures, ordered, reach, search);
  const { atoms, graphs } = edges;
  const elementIndex = new Map(config.atomicNumbers.map((z, i) => [z, i]));
  const numbers = ordered.flatMap((structure) => [...structure.numbers]);
  const species = Int32Array.from(numbers, (z) => elementIndex.get(z)!);
  const used = ordered.map((structure) => ({
    head: headOf(config, structure, options),
    inputs: Object.fromEntries(config.embeddings.map((spec) => [spec.name, embeddingInput(spec, structure, options)])),
  }));
  const heads = Int32Array.from(used, ({ head }) => config.heads.indexOf(head.value));
  const maps: Record<string, IndexMapValues> = {
    sender: edges.sender,
    receiver: edges.receiver,
    graph: edges.graph,
    species: indexMapValues(species, config.atomicNumbers.length),
    head: indexMapValues(heads, config.heads.length),
  };
  const values: Record<string, Float64Array> = { edgeVectors: edges.vectors };
  for (const spec of config.embeddings) {
    const rows = ordered.flatMap((structure, g) =>
      inputRows(spec, used[g]!.inputs[spec.name]!, structure.numbers.length),
    );
    if (spec.type === 'continuous') values[spec.name] = Float64Array.from(rows);
    else
      maps[spec.name] = indexMapValues(
        Int32Array.from(rows, (value) => categoryRow(spec, value)),
        embeddingMap(spec).to as number,
      );
  }
  return {
    structures,
    orders,
    edges,
    elements: [...new Set(species)].sort((a, b) => a - b),
    heads: [...new Set(heads)].sort((a, b) => a - b),
    used,
    inputs: { dims: { atoms, edges: edges.edges, graphs }, maps, borders: edges.graph.offsets, values },
    rowsOf: (graph, values, width) => {
      const first = edges.graph.offsets[graph]! * width;
      const own = Float64Array.from(values.subarray(first, edges.graph.offsets[graph + 1]! * width));
      return own.length === 0 ? own : restoreRows(own, orders[graph]!);
    },
    edgeDifferences: (original) => {
      const vector = joinRows(
        orders.map((order, g) =>
          permuteRows(original.subarray(3 * edges.graph.offsets[g]!, 3 * edges.graph.offsets[g + 1]!), order),
        ),
      );
      const differences = new Float64Array(edges.edges * 3);
      for (let e = 0; e < edges.edges; e++) {
        for (let axis = 0; axis < 3; axis++) {
          differences[3 * e + axis] =
            vector[3 * edges.receiver.values[e]! + axis]! - vector[3 * edges.sender.values[e]! + axis]!;
        }
      }
      return differences;
    },
  };
}

/** Errors name atoms as the caller numbers them. */
async function edgesOf(
  structures: readonly Structure[],
  ordered: readonly Structure[],
  cutoff: number,
  search?: NeighborSearch,
): Promise<EdgeBatch> {
  try {
    if (!search) return buildEdges(ordered, cutoff);
    const lists: NeighborList[] = [];
    for (const structure of ordered) lists.push(await listOf(structure, cutoff, search));
    return concatenateEdges(lists);
  } catch (error) {
    if (error instanceof StructureError) buildEdges(structures, cutoff);
    throw error;
  }
}

async function listOf(structure: Structure, cutoff: number, search: NeighborSearch): Promise<NeighborList> {
  const { positions, cell, pbc, numbers } = structure;
  const { sender, receiver, shifts, vectors } = inOrder(await search({ positions, cell, pbc, cutoff }));
  const exact = vectors instanceof Float64Array ? vectors : edgeVectors(structure, { sender, receiver, shifts });
  const { offsets } = indexMapValues(receiver, numbers.length);
  return { atoms: numbers.length, edges: sender.length, sender, receiver, offsets, shifts, vectors: exact };
}

/** By receiver, then sender, then shift, as core's own list: so a result does not depend on who searched. */
function inOrder(found: NeighborEdges): NeighborEdges {
  const { sender, receiver, shifts, vectors } = found;
  const compare = (a: number, b: number): number =>
    receiver[a]! - receiver[b]! ||
    sender[a]! - sender[b]! ||
    shifts[3 * a]! - shifts[3 * b]! ||
    shifts[3 * a + 1]! - shifts[3 * b + 1]! ||
    shifts[3 * a + 2]! - shifts[3 * b + 2]!;
  let ordered = true;
  for (let edge = 1; edge < sender.length && ordered; edge++) ordered = compare(edge - 1, edge) < 0;
  if (ordered) return found;
  const order = Int32Array.from(sender.keys()).sort(compare);
  return {
    sender: order.map((edge) => sender[edge]!),
    receiver: order.map((edge) => receiver[edge]!),
    shifts: permuteRows(shifts, order),
    vectors: permuteRows(vectors, order),
  };
}

function joinRows(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}
