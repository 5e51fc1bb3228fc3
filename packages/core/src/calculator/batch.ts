/**
 * Structures as the inputs of one run: edges, index maps, extra inputs, in the order that the graph computes them,
 * and the way back to the caller's order.
 */
import { indexMapValues, type IndexMapValues, type RunInputs } from '../backend/index.js';
import { embeddingMap, type MaceConfig } from '../model/index.js';
import { buildEdges, type EdgeBatch, type Structure } from '../structure/index.js';
import { categoryRow, embeddingInput, headOf, inputRows, type InputOptions } from './model-inputs.js';
import type { UsedValue } from './results.js';

export interface Batch {
  readonly structures: readonly Structure[];
  readonly edges: EdgeBatch;
  readonly inputs: RunInputs;
  /** Element index of each atom [atoms]. */
  readonly species: Int32Array;
  /** Element indices that occur, ascending. */
  readonly elements: readonly number[];
  /** Head indices that occur, ascending. */
  readonly heads: readonly number[];
  readonly used: readonly {
    readonly head: UsedValue<string>;
    readonly inputs: Readonly<Record<string, UsedValue<number | readonly number[]>>>;
  }[];
  /** Values per atom [atoms, width] in the caller's order. */
  originalOrder(values: ArrayLike<number>, width: number): Float64Array;
  /** v_receiver − v_sender of each edge [edges 3] for a vector per atom [atoms 3] in the caller's order. */
  edgeDifferences(vector: Float64Array): Float64Array;
}

export function bindBatch(config: MaceConfig, structures: readonly Structure[], options: InputOptions): Batch {
  const edges = buildEdges(structures, config.cutoff);
  const { atoms, graphs } = edges;
  const elementIndex = new Map(config.atomicNumbers.map((z, i) => [z, i]));
  const numbers = structures.flatMap((structure) => [...structure.numbers]);
  const species = Int32Array.from(numbers, (z) => elementIndex.get(z)!);
  const used = structures.map((structure) => ({
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
    const rows = structures.flatMap((structure, g) => inputRows(spec, used[g]!.inputs[spec.name]!, structure.numbers.length));
    if (spec.type === 'continuous') values[spec.name] = Float64Array.from(rows);
    else maps[spec.name] = indexMapValues(Int32Array.from(rows, (value) => categoryRow(spec, value)), embeddingMap(spec).to as number);
  }
  return {
    structures,
    edges,
    species,
    elements: [...new Set(species)].sort((a, b) => a - b),
    heads: [...new Set(heads)].sort((a, b) => a - b),
    used,
    inputs: { dims: { atoms, edges: edges.edges, graphs }, maps, values },
    originalOrder: (computed) => Float64Array.from(computed),
    edgeDifferences: (vector) => {
      const differences = new Float64Array(edges.edges * 3);
      for (let e = 0; e < edges.edges; e++) {
        for (let axis = 0; axis < 3; axis++) {
          differences[3 * e + axis] = vector[3 * edges.receiver.values[e]! + axis]! - vector[3 * edges.sender.values[e]! + axis]!;
        }
      }
      return differences;
    },
  };
}
