/** Functions of distance on knots, by Hermite interpolation. */
import type { IndexMapValues, RealArray } from '../../backend/contract.js';
import { hermiteWeights, prepareKnots as prepare, weightedRows } from '../../ir/index.js';
import { type Arithmetic, type Value } from './value.js';

/** Value and derivatives at each knot, and the mean slope from there to the next one: [groups, knots, derivatives + 1, functions]. */
export type PreparedKnots = Value;

export function tableKernels({ round, allocate, dense }: Arithmetic) {
  const numbers = {
    of: round,
    add: (a: number, b: number): number => round(a + b),
    mul: (a: number, b: number): number => round(a * b),
  };

  /** @param data - as it was given, [groups, knots, derivatives, functions] */
  function prepareKnots(data: RealArray, shape: readonly number[], range: readonly [number, number]): PreparedKnots {
    const [groups, knots, derivatives, functions] = shape as [number, number, number, number];
    const out = allocate(groups * knots * (derivatives + 1) * functions);
    prepare(data, out, { knots, derivatives, functions, range });
    return { shape: [groups, knots, derivatives + 1, functions], data: out, uniform: false };
  }

  /** The interpolation (order 0) or its slope (order 1) on equally spaced knots. */
  function table(
    r: Value,
    prepared: PreparedKnots,
    map: IndexMapValues | undefined,
    order: 0 | 1,
    range: readonly [number, number],
  ): Value {
    const [, knots, rowsOfKnot, functions] = prepared.shape as [number, number, number, number];
    const rows = r.shape[0]!;
    const out = allocate(rows * functions);
    const distances = dense(r);
    const { data } = prepared;
    const spacing = (range[1] - range[0]) / (knots - 1);
    const interpolation = { derivatives: rowsOfKnot - 1, order, spacing };
    const columns = weightedRows(rowsOfKnot - 1);
    for (let row = 0; row < rows; row++) {
      const position = round(round(distances[row]! - range[0]) / round(spacing));
      const knot = Math.min(Math.max(Math.floor(position), 0), knots - 2);
      const base = ((map ? map.values[row]! : 0) * knots + knot) * rowsOfKnot * functions;
      const weights = hermiteWeights(numbers, interpolation, round(position - knot));
      for (let f = 0; f < functions; f++) {
        const change = weights.reduce(
          (sum, weight, i) => round(sum + round(weight * data[base + columns[i]! * functions + f]!)),
          0,
        );
        out[row * functions + f] = order === 0 ? data[base + f]! + change : change;
      }
    }
    return { shape: [rows, functions], data: out, uniform: false };
  }

  return { prepareKnots, table };
}
