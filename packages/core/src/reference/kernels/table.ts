/** Functions of distance in pieces. */
import type { IndexMapValues } from '../../backend/contract.js';
import { intervalLength, pieceWeights, type NodeOf } from '../../ir/index.js';
import { type Arithmetic, type Value } from './value.js';

export function tableKernels({ round, allocate, dense }: Arithmetic) {
  const numbers = { of: round, mul: (a: number, b: number): number => round(a * b) };

  /** The piece (order 0) or its slope (order 1). @param pieces - [rows, terms, functions] */
  function table(
    r: Value,
    pieces: Value,
    map: IndexMapValues | undefined,
    { order, cutoff, groups }: Pick<NodeOf<'table'>['attributes'], 'order' | 'cutoff' | 'groups'>,
  ): Value {
    const [, terms, functions] = pieces.shape as [number, number, number];
    const rows = r.shape[0]!;
    const out = allocate(rows * functions);
    const distances = dense(r);
    const data = dense(pieces);
    const end = round(cutoff);
    for (let row = 0; row < rows; row++) {
      // What is not a number stays so.
      if (distances[row]! >= end) continue;
      const group = groups[map ? map.values[row]! : 0]!;
      const length = round(intervalLength(group));
      const from = round(distances[row]! - round(group.range[0]));
      const interval = Math.min(Math.max(Math.floor(round(from / length)), 0), group.intervals - 1);
      const weights = pieceWeights(numbers, order, terms, round(from - round((interval + 0.5) * length)));
      const base = ((group.start + interval) * terms + order) * functions;
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
