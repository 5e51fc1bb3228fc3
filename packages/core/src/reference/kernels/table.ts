/**
 * Functions of distance on knots.
 *
 * Slopes between knots come from differences of neighboring values. Those are taken in float64, before anything is
 * rounded: in float32 the difference of two rounded values would lose three to four digits.
 */
import type { IndexMapValues, RealArray } from '../../backend/contract.js';
import { type Arithmetic, type Value } from './value.js';

/** Value and slope at each knot, and the mean slope from there to the next one: [groups, knots, 3, functions]. */
export type PreparedKnots = Value;

export function tableKernels({ round, allocate, dense }: Arithmetic) {
  /** @param data - as it was given, [groups, knots, 2, functions] */
  function prepareKnots(data: RealArray, shape: readonly number[], range: readonly [number, number]): PreparedKnots {
    const [groups, knots, , functions] = shape as [number, number, number, number];
    const spacing = (range[1] - range[0]) / (knots - 1);
    const out = allocate(groups * knots * 3 * functions);
    for (let row = 0; row < groups * knots; row++) {
      const [from, to] = [row * 2 * functions, row * 3 * functions];
      const last = row % knots === knots - 1;
      for (let f = 0; f < functions; f++) {
        out[to + f] = data[from + f]!;
        out[to + functions + f] = data[from + functions + f]!;
        out[to + 2 * functions + f] = last ? 0 : (data[from + 2 * functions + f]! - data[from + f]!) / spacing;
      }
    }
    return { shape: [groups, knots, 3, functions], data: out, uniform: false };
  }

  /** Cubic Hermite interpolation (order 0) or its slope (order 1) on equally spaced knots. */
  function table(
    r: Value,
    prepared: PreparedKnots,
    map: IndexMapValues | undefined,
    order: 0 | 1,
    range: readonly [number, number],
  ): Value {
    const [, knots, , functions] = prepared.shape as [number, number, number, number];
    const rows = r.shape[0]!;
    const out = allocate(rows * functions);
    const distances = dense(r);
    const { data } = prepared;
    const spacing = round((range[1] - range[0]) / (knots - 1));
    for (let row = 0; row < rows; row++) {
      const position = round(round(distances[row]! - range[0]) / spacing);
      const knot = Math.min(Math.max(Math.floor(position), 0), knots - 2);
      const t = round(position - knot);
      const base = ((map ? map.values[row]! : 0) * knots + knot) * 3 * functions;
      const [start, mean, end] = (
        order === 0
          ? [t * (1 - t) * (1 - t) * spacing, t * t * (3 - 2 * t) * spacing, t * t * (t - 1) * spacing]
          : [(1 - t) * (1 - 3 * t), 6 * t * (1 - t), t * (3 * t - 2)]
      ).map(round) as [number, number, number];
      for (let f = 0; f < functions; f++) {
        let change = round(start * data[base + functions + f]!);
        change = round(change + round(mean * data[base + 2 * functions + f]!));
        change = round(change + round(end * data[base + 4 * functions + f]!));
        out[row * functions + f] = order === 0 ? data[base + f]! + change : change;
      }
    }
    return { shape: [rows, functions], data: out, uniform: false };
  }

  return { prepareKnots, table };
}
