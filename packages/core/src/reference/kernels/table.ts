/** Functions of distance in pieces. */
import type { IndexMapValues } from '../../backend/contract.js';
import { intervalLength, pieceWeights } from '../../ir/index.js';
import { type Arithmetic, type Value } from './value.js';

export function tableKernels({ round, allocate, dense }: Arithmetic) {
  const numbers = { of: round, mul: (a: number, b: number): number => round(a * b) };

  /** The piece (order 0) or its slope (order 1). @param pieces - [groups, intervals, terms, functions] */
  function table(
    r: Value,
    pieces: Value,
    map: IndexMapValues | undefined,
    order: 0 | 1,
    range: readonly [number, number],
  ): Value {
    const [, intervals, terms, functions] = pieces.shape as [number, number, number, number];
    const rows = r.shape[0]!;
    const out = allocate(rows * functions);
    const distances = dense(r);
    const data = dense(pieces);
    const length = intervalLength(range, intervals);
    for (let row = 0; row < rows; row++) {
      const from = round(distances[row]! - range[0]);
      const interval = Math.min(Math.max(Math.floor(round(from / round(length))), 0), intervals - 1);
      const weights = pieceWeights(numbers, order, terms, round(from - round((interval + 0.5) * length)));
      const base = (((map ? map.values[row]! : 0) * intervals + interval) * terms + order) * functions;
      for (let f = 0; f < functions; f++) {
        const change = weights.reduce(
          (sum, weight, k) => round(sum + round(weight * data[base + (k + 1) * functions + f]!)),
          0,
        );
        out[row * functions + f] = data[base + f]! + change;
      }
    }
    return { shape: [rows, functions], data: out, uniform: false };
  }

  return { table };
}
