/** Frames for observers: of anything, at any place, with numbers of known distributions. */
import type { ObservedFrame as Frame, ObserverResult } from '../observers/index.js';
import { purpose, RandomStream } from '../random.js';
import { massesOf } from '../units.js';

export const stream = new RandomStream(7, 0);
export const cubic = (a: number): Float64Array => Float64Array.of(a, 0, 0, 0, a, 0, 0, 0, a);

export function frameOf(numbers: readonly number[], positions: ArrayLike<number>, more: Partial<Frame> = {}): Frame {
  const { cell = null, step = 0 } = more;
  return {
    step,
    time: step,
    positions,
    momenta: new Float64Array(3 * numbers.length),
    cell,
    pbc: cell === null ? [false, false, false] : [true, true, true],
    numbers,
    masses: massesOf(numbers),
    ...more,
  };
}

export const column = (result: ObserverResult, name: string, table = 0): number[] =>
  Array.from(result.tables[table]!.columns.find((one) => one.name === name)!.values);
export const normals = (count: number, step: number, use: 1 | 2 = purpose.velocities): Float64Array =>
  stream.normal(new Float64Array(count), step, 0, use);
/** Evenly distributed places in a cell. */
export const anywhere = (atoms: number, step: number, cell: Float64Array): Float64Array => {
  const positions = new Float64Array(3 * atoms);
  for (let atom = 0; atom < atoms; atom++) {
    const fractions = [
      ...stream.uniform(step, atom, purpose.velocities, 0),
      stream.uniform(step, atom, purpose.velocities, 1)[0],
    ];
    for (let x = 0; x < 3; x++)
      positions[3 * atom + x] = fractions.reduce((sum, fraction, k) => sum + fraction * cell[3 * k + x]!, 0);
  }
  return positions;
};
