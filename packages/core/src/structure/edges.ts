/**
 * Many structures as one batch: edge vectors and the index maps that the graph takes, atoms and edges numbered through.
 *
 * A structure's part has the same bits alone and in any batch, because each is searched on its own and nothing but numbers of atoms
 * is added afterwards.
 */
import { StructureError, UnsupportedError } from '../errors.js';
import type { IndexMapValues } from '../backend/contract.js';
import { indexMapValues } from '../backend/index-maps.js';
import { maximumEdges } from './neighbor-limits.js';
import { findNeighbors } from './neighbors.js';
import type { NeighborList, NeighborOptions } from './neighbors.js';
import type { Structure } from './structure.js';

/** Edges of a batch of structures, sorted by structure, receiver, sender, shift. */
export interface EdgeBatch {
  readonly atoms: number;
  readonly graphs: number;
  readonly edges: number;
  /** `position[receiver] − position[sender] + S · cell`, Å, [edges 3]. */
  readonly vectors: Float64Array;
  /** Lattice translations S [edges 3]. */
  readonly shifts: Int32Array;
  /** Edges → atoms that messages come from. */
  readonly sender: IndexMapValues;
  /** Edges → atoms that messages go to; ascending, so `order` is the identity. */
  readonly receiver: IndexMapValues;
  /** Atoms → structures; ascending, so `order` is the identity and `offsets` are the first atoms. */
  readonly graph: IndexMapValues;
  /** First edge of each structure [graphs + 1]. */
  readonly edgeOffsets: Int32Array;
}

/**
 * Neighbor lists of all structures, concatenated. `cutoff` in Å. Structures without atoms and atoms without edges are fine.
 * @throws StructureError, UnsupportedError as `findNeighbors`; the message begins with the number of the structure if there are several.
 */
export function buildEdges(structures: readonly Structure[], cutoff: number, options: NeighborOptions = {}): EdgeBatch {
  const atoms = structures.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const maximum = options.maximumEdges ?? maximumEdges(atoms);
  const lists: NeighborList[] = [];
  let edges = 0;
  structures.forEach((structure, graph) => {
    const list =
      structures.length === 1
        ? findNeighbors(structure, cutoff, options)
        : searchOne(structure, graph, cutoff, options);
    lists.push(list);
    edges += list.edges;
    if (edges > maximum) {
      throw new UnsupportedError(
        'size',
        `Too many edges in a batch, reached at structure ${graph} of ${structures.length}. Expected at most ${maximum}, ` +
          `found ${edges}. Use smaller batches.`,
      );
    }
  });
  return concatenateEdges(lists);
}

/** The batch of lists that were searched one by one, in their order. */
export function concatenateEdges(lists: readonly NeighborList[]): EdgeBatch {
  const graphs = lists.length;
  const atomOffsets = new Int32Array(graphs + 1);
  const edgeOffsets = new Int32Array(graphs + 1);
  lists.forEach((list, graph) => {
    atomOffsets[graph + 1] = atomOffsets[graph]! + list.atoms;
    edgeOffsets[graph + 1] = edgeOffsets[graph]! + list.edges;
  });
  const atoms = atomOffsets[graphs]!;
  const edges = edgeOffsets[graphs]!;
  const graph = new Int32Array(atoms);
  for (let g = 0; g < graphs; g++) graph.fill(g, atomOffsets[g], atomOffsets[g + 1]);

  let sender: Int32Array, receiver: Int32Array, offsets: Int32Array, shifts: Int32Array, vectors: Float64Array;
  const only = graphs === 1 ? lists[0] : undefined;
  if (only !== undefined) {
    ({ sender, receiver, offsets, shifts, vectors } = only);
  } else {
    sender = new Int32Array(edges);
    receiver = new Int32Array(edges);
    offsets = new Int32Array(atoms + 1);
    shifts = new Int32Array(3 * edges);
    vectors = new Float64Array(3 * edges);
    lists.forEach((list, g) => {
      const atom = atomOffsets[g]!;
      const edge = edgeOffsets[g]!;
      for (let e = 0; e < list.edges; e++) {
        sender[edge + e] = list.sender[e]! + atom;
        receiver[edge + e] = list.receiver[e]! + atom;
      }
      for (let a = 0; a <= list.atoms; a++) offsets[atom + a] = list.offsets[a]! + edge;
      shifts.set(list.shifts, 3 * edge);
      vectors.set(list.vectors, 3 * edge);
    });
  }
  return {
    atoms,
    graphs,
    edges,
    vectors,
    shifts,
    sender: indexMapValues(sender, atoms),
    receiver: { values: receiver, offsets, order: identity(edges) },
    graph: { values: graph, offsets: atomOffsets, order: identity(atoms) },
    edgeOffsets,
  };
}

/** A search whose refusal says which structure of the batch it is about. */
function searchOne(structure: Structure, graph: number, cutoff: number, options: NeighborOptions): NeighborList {
  try {
    return findNeighbors(structure, cutoff, options);
  } catch (error) {
    const where = (message: string): string => `Structure ${graph} of the batch: ${message}`;
    if (error instanceof StructureError) throw new StructureError(where(error.message), { cause: error });
    if (error instanceof UnsupportedError)
      throw new UnsupportedError(error.reason, where(error.message), { cause: error });
    throw error;
  }
}

function identity(rows: number): Int32Array {
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return order;
}
