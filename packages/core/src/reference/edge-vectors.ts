/** The definition of what `Binding.setGeometry` promises. */
import type { EdgeGeometry, RealArray } from '../backend/contract.js';

/** x_receiver − x_sender + shift·cell [edges 3], Å, in float64. */
export function edgeVectorsOf(
  { sender, receiver, shifts, structure }: EdgeGeometry,
  positions: RealArray,
  cells: RealArray,
): Float64Array {
  return Float64Array.from(shifts, (_, i) => {
    const [edge, k] = [Math.floor(i / 3), i % 3];
    const [from, cell] = [sender[edge]!, 9 * structure[sender[edge]!]!];
    const row = (axis: number): number => shifts[3 * edge + axis]! * cells[cell + 3 * axis + k]!;
    return positions[3 * receiver[edge]! + k]! - positions[3 * from + k]! + (row(0) + row(1) + row(2));
  });
}
