/**
 * Edge vectors of a known neighbor list, for a trajectory that keeps its list over several steps.
 */
import type { NeighborList } from './neighbors.js';
import type { Structure } from './structure.js';

/**
 * Edge vectors [edges 3], Å, of a known list at other positions or in another cell of the same directions; the bits that a new
 * search would give. Edges are neither added nor dropped. Written to `out` where one is given.
 */
export function edgeVectors(
  structure: Structure,
  list: Pick<NeighborList, 'sender' | 'receiver' | 'shifts'>,
  out: Float64Array = new Float64Array(list.shifts.length),
): Float64Array {
  const { positions } = structure;
  const { sender, receiver, shifts } = list;
  const [c00, c01, c02, c10, c11, c12, c20, c21, c22] = (structure.cell ?? new Float64Array(9)) as unknown as [
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
  for (let edge = 0; edge < sender.length; edge++) {
    const i = 3 * sender[edge]!;
    const j = 3 * receiver[edge]!;
    const s0 = shifts[3 * edge]!;
    const s1 = shifts[3 * edge + 1]!;
    const s2 = shifts[3 * edge + 2]!;
    out[3 * edge] = positions[j]! - positions[i]! + (s0 * c00 + s1 * c10 + s2 * c20);
    out[3 * edge + 1] = positions[j + 1]! - positions[i + 1]! + (s0 * c01 + s1 * c11 + s2 * c21);
    out[3 * edge + 2] = positions[j + 2]! - positions[i + 2]! + (s0 * c02 + s1 * c12 + s2 * c22);
  }
  return out;
}
