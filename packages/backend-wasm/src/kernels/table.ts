/**
 * Functions of distance on knots: cubic Hermite interpolation (order 0), or its slope (order 1).
 *
 * Beside value and slope of each knot a table holds the mean slope to the next one. That difference is taken before
 * anything is rounded to float32, where it would lose three to four digits.
 */
import { f32, f64, i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { RealArray } from '@mace/core/backend';
import type { Arithmetic } from '../lanes.js';
import type { Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import type { Size } from './size.js';
import { blocks } from './sum.js';

export interface TableShape {
  readonly order: 0 | 1;
  readonly range: readonly [number, number];
  readonly knots: number;
  readonly functions: number;
  /** Whether the knots depend on a group of the row. */
  readonly mapped: boolean;
}

/** Takes the addresses of distances [rows], prepared knots [groups knots 3 functions], the map if mapped, and the result. A unit is a row. */
export function tableKernel(set: KernelSet, shape: TableShape, rows: Size): Kernel {
  const name = set.kernel(`table ${JSON.stringify(shape)}`, shape.mapped ? 4 : 3, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const out = pointers.at(-1)!;
    const functionBytes = shape.functions * lanes.bytes;
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const { knot, weights } = tableRow(code, shape, pointers[0]!, pointers[1]!, pointers[2]!, row);
      const target = f.keep(i32.add(out, i32.mul(row, i32.of(shape.functions * lanes.bytes))));
      for (const [arithmetic, from, to] of blocks(lanes, shape.functions)) {
        const splats = weights.map((weight) => f.keep(arithmetic === lanes.vector ? lanes.splat(weight) : weight));
        const offset = f.local('i32');
        f.loop(offset, i32.of(from * lanes.bytes), i32.of(to * lanes.bytes), arithmetic.lanes * lanes.bytes, () => {
          const value = interpolated(arithmetic, shape.order, splats, f.keep(i32.add(knot, offset)), functionBytes);
          f.store(i32.add(target, offset), value);
        });
      }
    });
  });
  return { name, units: rows };
}

/** [groups knots 2 functions], value and slope, as [groups knots 3 functions] with the mean slope to the next knot. */
export function preparedKnots(data: RealArray, { range, knots, functions }: TableShape): Float64Array {
  const spacing = (range[1] - range[0]) / (knots - 1);
  const rows = data.length / (2 * functions);
  const prepared = new Float64Array(rows * 3 * functions);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * 2 * functions, row * 3 * functions];
    const last = row % knots === knots - 1;
    for (let i = 0; i < functions; i++) {
      prepared[to + i] = data[from + i]!;
      prepared[to + functions + i] = data[from + functions + i]!;
      prepared[to + 2 * functions + i] = last ? 0 : (data[from + 2 * functions + i]! - data[from + i]!) / spacing;
    }
  }
  return prepared;
}

/** The first knot of the interval of a row, as an address, and the weights of the slope there, the mean slope, the slope at its end. */
export function tableRow(
  { f, lanes: { single, bytes, precision } }: KernelCode,
  { order, range, knots, functions, mapped }: TableShape,
  distances: Expression,
  data: Expression,
  map: Expression,
  row: Expression,
): { knot: Local; weights: Local[] } {
  const number = single.of;
  const spacing = (range[1] - range[0]) / (knots - 1);
  const distance = single.load(i32.add(distances, i32.mul(row, i32.of(bytes))));
  const position = f.keep(single.div(single.sub(distance, number(range[0])), number(spacing)));
  const bounded = single.min(single.max(position, number(0)), number(knots - 2));
  const interval = f.keep(precisionTools[precision].toI32(bounded));
  const t = f.keep(single.sub(position, precisionTools[precision].fromI32(interval)));
  const group = mapped ? i32.mul(i32.load(wordOf(map, row)), i32.of(knots)) : i32.of(0);
  const knot = f.keep(i32.add(data, i32.mul(i32.add(group, interval), i32.of(3 * functions * bytes))));
  const u = f.keep(single.sub(number(1), t));
  const times = (...factors: Expression[]): Expression => factors.reduce((a, b) => single.mul(a, b));
  const weights =
    order === 0
      ? [
          times(t, u, u, number(spacing)),
          times(t, t, single.sub(number(3), times(number(2), t)), number(spacing)),
          times(t, t, single.sub(t, number(1)), number(spacing)),
        ]
      : [
          times(u, single.sub(number(1), times(number(3), t))),
          times(number(6), t, u),
          times(t, single.sub(times(number(3), t), number(2))),
        ];
  return { knot, weights: weights.map((weight) => f.keep(weight)) };
}

/** A value or a slope, `at` the column of the first knot of the interval. */
export function interpolated(
  arithmetic: Arithmetic,
  order: 0 | 1,
  [start, mean, end]: readonly Expression[],
  at: Expression,
  functionBytes: number,
): Expression {
  const column = (row: number): Expression => arithmetic.load(at, row * functionBytes);
  const first = order === 0 ? arithmetic.multiplyAdd(start!, column(1), column(0)) : arithmetic.mul(start!, column(1));
  return arithmetic.multiplyAdd(end!, column(4), arithmetic.multiplyAdd(mean!, column(2), first));
}

const precisionTools = {
  f32: { toI32: i32.fromF32, fromI32: f32.fromI32 },
  f64: { toI32: i32.fromF64, fromI32: f64.fromI32 },
} as const;
