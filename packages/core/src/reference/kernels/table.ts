/** Functions of distance on knots. */
import type { IndexMapValues } from '../../backend/contract.js';
import { type Arithmetic, type Value } from './value.js';

export function tableKernels({ round, allocate, dense }: Arithmetic) {
  /** Cubic Hermite interpolation (order 0) or its slope (order 1) on equally spaced knots. */
  function table(
    r: Value,
    knotData: Value,
    map: IndexMapValues | undefined,
    order: 0 | 1,
    range: readonly [number, number],
    knots: number,
  ): Value {
    const functions = knotData.shape[3]!;
    const rows = r.shape[0]!;
    const out = allocate(rows * functions);
    const distances = dense(r);
    const data = dense(knotData);
    const spacing = round((range[1] - range[0]) / (knots - 1));
    for (let row = 0; row < rows; row++) {
      const position = round(round(distances[row]! - range[0]) / spacing);
      const knot = Math.min(Math.max(Math.floor(position), 0), knots - 2);
      const t = round(position - knot);
      const base = ((map ? map.values[row]! : 0) * knots + knot) * 2 * functions;
      const [h00, h10, h01, h11] =
        order === 0
          ? [
              (1 + 2 * t) * (1 - t) * (1 - t),
              t * (1 - t) * (1 - t) * spacing,
              t * t * (3 - 2 * t),
              t * t * (t - 1) * spacing,
            ]
          : [(6 * t * (t - 1)) / spacing, (1 - t) * (1 - 3 * t), (6 * t * (1 - t)) / spacing, t * (3 * t - 2)];
      for (let f = 0; f < functions; f++) {
        let value = round(round(h00) * data[base + f]!);
        value = round(value + round(round(h10) * data[base + functions + f]!));
        value = round(value + round(round(h01) * data[base + 2 * functions + f]!));
        out[row * functions + f] = value + round(round(h11) * data[base + 3 * functions + f]!);
      }
    }
    return { shape: [rows, functions], data: out, uniform: false };
  }

  return { table };
}
