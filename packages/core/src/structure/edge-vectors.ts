/**
 * Edge vectors of a known neighbor list, for a trajectory that keeps its list over several steps.
 */
import type { NeighborList } from './neighbors.js';
import type { Structure } from './structure.js';

type KnownEdges = Pick<NeighborList, 'sender' | 'receiver' | 'shifts'>;

const noCell = new Float64Array(9);

/**
 * Edge vectors [edges 3], Å, of a known list at other positions or in another cell of the same directions; the bits that a new
 * search would give. Edges are neither added nor dropped. Written to `out` where one is given.
 */
export function edgeVectors(
  { positions, cell }: Structure,
  list: KnownEdges,
  out: Float64Array = new Float64Array(list.shifts.length),
): Float64Array {
  edgeVectorsInto(out, positions, cell ?? noCell, list, 0, list.sender.length);
  return out;
}

/**
 * The vectors of edges `from` to `to` into their places of `out` [edges 3], Å.
 * @returns the square of the shortest, Å²: Infinity without edges, NaN if one is not a number
 */
export function edgeVectorsInto(
  out: Float64Array,
  positions: Float64Array,
  cell: Float64Array,
  { sender, receiver, shifts }: KnownEdges,
  from: number,
  to: number,
): number {
  const [c00, c01, c02, c10, c11, c12, c20, c21, c22] = cell as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let shortest = Infinity;
  for (let edge = from; edge < to; edge++) {
    const i = 3 * sender[edge]!;
    const j = 3 * receiver[edge]!;
    const s0 = shifts[3 * edge]!;
    const s1 = shifts[3 * edge + 1]!;
    const s2 = shifts[3 * edge + 2]!;
    let x = positions[j]! - positions[i]!;
    let y = positions[j + 1]! - positions[i + 1]!;
    let z = positions[j + 2]! - positions[i + 2]!;
    // Most edges stay in the cell.
    if ((s0 | s1 | s2) !== 0) {
      x += s0 * c00 + s1 * c10 + s2 * c20;
      y += s0 * c01 + s1 * c11 + s2 * c21;
      z += s0 * c02 + s1 * c12 + s2 * c22;
    }
    out[3 * edge] = x;
    out[3 * edge + 1] = y;
    out[3 * edge + 2] = z;
    const squared = x * x + y * y + z * z;
    // A NaN stays.
    if (!(squared >= shortest) && shortest === shortest) shortest = squared;
  }
  return shortest;
}
