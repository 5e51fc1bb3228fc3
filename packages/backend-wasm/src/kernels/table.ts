/** Functions of distance on knots: Hermite interpolation (order 0), or its slope (order 1). */
import { hermiteWeights, weightedRows } from '@mace/core/ir';
import { f32, f64, i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
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
  /** Values at a knot: function, slope, and so on. */
  readonly derivatives: number;
  readonly functions: number;
  /** Whether the knots depend on a group of the row. */
  readonly mapped: boolean;
}

/** Takes the addresses of distances [rows], prepared knots [groups knots derivatives + 1 functions], the map if mapped, and the result. A unit is a row. */
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
          const wanted = [{ order: shape.order, weights: splats }];
          const [value] = interpolated(code, arithmetic, shape, wanted, f.keep(i32.add(knot, offset)), functionBytes);
          f.store(i32.add(target, offset), value!);
        });
      }
    });
  });
  return { name, units: rows };
}

/** The first knot of the interval of a row, as an address, and what its columns count. */
export function tableRow(
  { f, lanes: { single, bytes, precision } }: KernelCode,
  { order, range, knots, derivatives, functions, mapped }: TableShape,
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
  const knot = f.keep(i32.add(data, i32.mul(i32.add(group, interval), i32.of((derivatives + 1) * functions * bytes))));
  const numbers = {
    of: number,
    add: (a: Expression, b: Expression): Expression => f.keep(single.add(a, b)),
    mul: (a: Expression, b: Expression): Expression => f.keep(single.mul(a, b)),
  };
  const weights = hermiteWeights<Expression>(numbers, { derivatives, order, spacing }, t);
  return { knot, weights: weights.map((weight) => f.keep(weight)) };
}

/** Interpolated values, each by its own weights, from columns that are read once; `at`: the column of the first knot of the interval. */
export function interpolated(
  { f }: Pick<KernelCode, 'f'>,
  arithmetic: Arithmetic,
  { derivatives }: Pick<TableShape, 'derivatives'>,
  wanted: readonly { readonly order: 0 | 1; readonly weights: readonly Expression[] }[],
  at: Expression,
  functionBytes: number,
): Expression[] {
  const column = (row: number): Local => f.keep(arithmetic.load(at, row * functionBytes));
  const sums: (Local | undefined)[] = wanted.map(({ order }) => (order === 0 ? column(0) : undefined));
  weightedRows(derivatives).forEach((row, i) => {
    const value = column(row);
    wanted.forEach(({ weights }, number) => {
      const sum = sums[number];
      if (sum) f.assign(sum, arithmetic.multiplyAdd(weights[i]!, value, sum));
      else sums[number] = f.keep(arithmetic.mul(weights[i]!, value));
    });
  });
  return sums as Local[];
}

const precisionTools = {
  f32: { toI32: i32.fromF32, fromI32: f32.fromI32 },
  f64: { toI32: i32.fromF64, fromI32: f64.fromI32 },
} as const;
