/** Functions of distance on knots: cubic Hermite interpolation (order 0), or its slope (order 1). */
import { f32, f64, i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
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

/** Takes the addresses of distances [rows], knots [groups knots 2 functions], the map if mapped, and the result. A unit is a row. */
export function tableKernel(set: KernelSet, shape: TableShape, rows: Size): Kernel {
  const name = set.kernel(`table ${JSON.stringify(shape)}`, shape.mapped ? 4 : 3, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const out = pointers.at(-1)!;
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const { knot, weights } = tableRow(code, shape, pointers[0]!, pointers[1]!, pointers[2]!, row);
      const target = f.keep(i32.add(out, i32.mul(row, i32.of(shape.functions * lanes.bytes))));
      for (const [arithmetic, from, to] of blocks(lanes, shape.functions)) {
        const splats = weights.map((weight) => f.keep(arithmetic === lanes.vector ? lanes.splat(weight) : weight));
        const offset = f.local('i32');
        f.loop(offset, i32.of(from * lanes.bytes), i32.of(to * lanes.bytes), arithmetic.lanes * lanes.bytes, () => {
          const at = f.keep(i32.add(knot, offset));
          const parts = splats.map(
            (weight, i) => [weight, arithmetic.load(at, i * shape.functions * lanes.bytes)] as const,
          );
          const value = parts
            .slice(1)
            .reduce<Expression>(
              (sum, [weight, number]) => arithmetic.multiplyAdd(weight, number, sum),
              arithmetic.mul(parts[0]![0], parts[0]![1]),
            );
          f.store(i32.add(target, offset), value);
        });
      }
    });
  });
  return { name, units: rows };
}

/** The first knot of the interval of a row, as an address, and the weights of its two values and two slopes in turn. */
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
  const knot = f.keep(i32.add(data, i32.mul(i32.add(group, interval), i32.of(2 * functions * bytes))));
  const u = f.keep(single.sub(number(1), t));
  const times = (...factors: Expression[]): Expression => factors.reduce((a, b) => single.mul(a, b));
  const plus = single.add;
  const weights =
    order === 0
      ? [
          times(plus(number(1), times(number(2), t)), u, u),
          times(t, u, u, number(spacing)),
          times(t, t, single.sub(number(3), times(number(2), t))),
          times(t, t, single.sub(t, number(1)), number(spacing)),
        ]
      : [
          times(number(-6 / spacing), t, u),
          times(u, single.sub(number(1), times(number(3), t))),
          times(number(6 / spacing), t, u),
          times(t, single.sub(times(number(3), t), number(2))),
        ];
  return { knot, weights: weights.map((weight) => f.keep(weight)) };
}

const precisionTools = {
  f32: { toI32: i32.fromF32, fromI32: f32.fromI32 },
  f64: { toI32: i32.fromF64, fromI32: f64.fromI32 },
} as const;
