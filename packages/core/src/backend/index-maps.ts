/** The compressed-row form of an index map. */
import { ShapeError } from '../errors.js';
import type { IndexMapValues } from './contract.js';

/**
 * Offsets and order of an index map from its values [rows], by a stable counting sort; `targets` is the size of the target.
 * @throws ShapeError for a value outside 0 to `targets` − 1.
 */
export function indexMapValues(values: Int32Array, targets: number): IndexMapValues {
  const offsets = new Int32Array(targets + 1);
  for (let row = 0; row < values.length; row++) {
    const target = values[row]!;
    if (!(target >= 0 && target < targets)) {
      throw new ShapeError(
        `Index map points outside its target, at row ${row}. Expected 0 to ${targets - 1}, found ${target}. Check the map.`,
      );
    }
    offsets[target + 1]!++;
  }
  for (let target = 0; target < targets; target++) offsets[target + 1]! += offsets[target]!;
  const next = offsets.slice();
  const order = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) order[next[values[row]!]!++] = row;
  return { values, offsets, order };
}
