/**
 * Products with matrices. The right-hand matrices are packed first, in panels as wide as two vectors and padded with zeros;
 * the product works on a few rows and one panel at a time, whose sums stay in registers.
 */
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import { fixed, product, type Size } from './size.js';

/**
 * Rows whose sums, two vectors each, fit into the 16 registers of x86-64 with all that a turn loads: V8 loads first and multiplies
 * then. Six rows, whose sums alone would fit, are a third slower on Zen 5.
 */
export const rowsAtOnce = 4;
/** Rows whose part of the left matrix stays in the innermost cache while a panel passes over them. */
const rowsPerBlock = 36;

/** Numbers in the panels of one matrix. */
export function packedSize(set: KernelSet, inner: number, columns: number): number {
  const width = 2 * set.lanes.vector.lanes;
  return Math.ceil(columns / width) * width * inner;
}

/**
 * Packs matrices [inner columns], or their transposes [columns inner]. Takes the addresses [from, to]; a unit is a matrix.
 */
export function packKernel(
  set: KernelSet,
  inner: number,
  columns: number,
  transposed: boolean,
  matrices: Size,
): Kernel {
  const name = set.kernel(`pack ${inner} ${columns} ${transposed}`, 2, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const { single, bytes } = lanes;
    const width = 2 * lanes.vector.lanes;
    const matrix = f.local('i32');
    const to = f.keep(i32.add(pointers[1]!, i32.mul(begin, i32.of(packedSize(set, inner, columns) * bytes))));
    f.loop(matrix, begin, end, 1, () => {
      const base = f.keep(i32.add(pointers[0]!, i32.mul(matrix, i32.of(inner * columns * bytes))));
      const [panel, k, column] = [f.local('i32'), f.local('i32'), f.local('i32')];
      f.loop(panel, i32.of(0), i32.of(columns), width, () => {
        f.loop(k, i32.of(0), i32.of(inner), 1, () => {
          f.loop(column, panel, i32.add(panel, i32.of(width)), 1, () => {
            const index = transposed
              ? i32.add(i32.mul(column, i32.of(inner)), k)
              : i32.add(i32.mul(k, i32.of(columns)), column);
            f.if(
              i32.less(column, i32.of(columns)),
              () => f.store(to, single.load(i32.add(base, i32.mul(index, i32.of(bytes))))),
              () => f.store(to, single.of(0)),
            );
            f.assign(to, i32.add(to, i32.of(bytes)));
          });
        });
      });
    });
  });
  return { name, units: matrices };
}

/** `a[rows inner] · packed` → [rows columns]. Takes the addresses [a, packed, out]; a unit is a row. */
export function productKernel(set: KernelSet, inner: number, columns: number, rows: Size): Kernel {
  const name = set.kernel(`matmul ${inner} ${columns}`, 3, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const [a, packed, out] = pointers as [Local, Local, Local];
    const { bytes } = lanes;
    const width = 2 * lanes.vector.lanes;
    const block = f.local('i32');
    f.loop(block, begin, end, rowsPerBlock, () => {
      const stop = f.keep(smaller(i32.add(block, i32.of(rowsPerBlock)), end));
      const panel = f.keep(packed);
      for (const { at, count, wide } of panelRuns(columns, width)) {
        const column = f.local('i32');
        f.loop(column, i32.of(at * bytes), i32.of((at + count) * bytes), width * bytes, () => {
          const row = f.keep(block);
          for (const together of [rowsAtOnce, 1]) {
            f.while(i32.atLeast(i32.sub(stop, row), i32.of(together)), () => {
              const from = f.keep(i32.add(a, i32.mul(row, i32.of(inner * bytes))));
              const to = f.keep(i32.add(i32.add(out, column), i32.mul(row, i32.of(columns * bytes))));
              const sources = Array.from({ length: together }, (_, i) => ({
                address: from,
                offset: i * inner * bytes,
              }));
              const totals = panelProduct(code, sources, panel, inner);
              totals.forEach((sums, i) => storePanel(code, to, i * columns * bytes, sums, wide));
              f.assign(row, i32.add(row, i32.of(together)));
            });
          }
          f.assign(panel, i32.add(panel, i32.of(inner * width * bytes)));
        });
      }
    });
  });
  return { name, units: rows };
}

/**
 * a[rows inner] · packed[group of the row] → [rows columns], where each entry of the map has `subRows` rows. Takes the
 * addresses [a, packed, values, order, out]; a unit is a row, in the order of the groups.
 */
export function groupedProductKernel(
  set: KernelSet,
  inner: number,
  columns: number,
  subRows: number,
  rows: Size,
): Kernel {
  const name = set.kernel(`groupedMatmul ${inner} ${columns} ${subRows}`, 5, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const [a, packed, values, order, out] = pointers as [Local, Local, Local, Local, Local];
    const { bytes } = lanes;
    const width = 2 * lanes.vector.lanes;
    const entryOf = (unit: Expression): Expression => i32.load(wordOf(order, i32.div(unit, i32.of(subRows))));
    const groupOf = (unit: Expression): Expression => i32.load(wordOf(values, entryOf(unit)));
    const unit = f.keep(begin);
    const step = (together: number): void => {
      const group = groupOf(unit);
      const panel = f.keep(i32.add(packed, i32.mul(group, i32.of(packedSize(set, inner, columns) * bytes))));
      const rowNumbers = Array.from({ length: together }, (_, i) => {
        const at = f.keep(i32.add(unit, i32.of(i)));
        return f.keep(i32.add(i32.mul(entryOf(at), i32.of(subRows)), i32.remainder(at, i32.of(subRows))));
      });
      const sources = rowNumbers.map((row) => ({
        address: f.keep(i32.add(a, i32.mul(row, i32.of(inner * bytes)))),
        offset: 0,
      }));
      const targets = rowNumbers.map((row) => f.keep(i32.add(out, i32.mul(row, i32.of(columns * bytes)))));
      for (const { at, count, wide } of panelRuns(columns, width)) {
        const column = f.local('i32');
        f.loop(column, i32.of(at * bytes), i32.of((at + count) * bytes), width * bytes, () => {
          const totals = panelProduct(code, sources, panel, inner);
          totals.forEach((sums, i) => storePanel(code, i32.add(targets[i]!, column), 0, sums, wide));
          f.assign(panel, i32.add(panel, i32.of(inner * width * bytes)));
        });
      }
      f.assign(unit, i32.add(unit, i32.of(together)));
    };
    f.while(i32.less(unit, end), () => {
      const enough = i32.atLeast(i32.sub(end, unit), i32.of(rowsAtOnce));
      const last = i32.select(i32.add(unit, i32.of(rowsAtOnce - 1)), unit, enough);
      f.if(
        i32.and(enough, i32.eq(groupOf(unit), groupOf(last))),
        () => step(rowsAtOnce),
        () => step(1),
      );
    });
  });
  return { name, units: product(rows, fixed(1)) };
}

interface RowSource {
  readonly address: Local;
  readonly offset: number;
}

/**
 * For each row the sums of one panel, two vectors. One turn of the loop is one term of each sum: V8 of Node 20 keeps the sums in
 * registers only then (unrolled four times it is a third slower).
 */
function panelProduct(
  { f, lanes: { vector, bytes } }: KernelCode,
  rows: readonly RowSource[],
  panel: Expression,
  inner: number,
): readonly (readonly Local[])[] {
  const totals = rows.map(() => [0, 1].map(() => f.local('v128', vector.of(0))));
  const b = f.keep(panel);
  const k = f.local('i32');
  f.loop(k, i32.of(0), i32.of(inner * bytes), bytes, () => {
    const columns = [0, 1].map((half) => f.keep(vector.load(b, 16 * half)));
    rows.forEach(({ address, offset }, i) => {
      const factor = f.keep(vector.loadSplat(i32.add(address, k), offset));
      columns.forEach((column, half) => {
        const total = totals[i]![half]!;
        f.assign(total, vector.multiplyAdd(factor, column, total));
      });
    });
    f.assign(b, i32.add(b, i32.of(32)));
  });
  return totals;
}

/** Stores the first `wide` numbers of two vectors. */
function storePanel(
  { f, lanes }: KernelCode,
  to: Expression,
  offset: number,
  sums: readonly Local[],
  wide: number,
): void {
  const size = lanes.vector.lanes;
  sums.forEach((sum, half) => {
    const count = Math.min(Math.max(wide - half * size, 0), size);
    const at = offset + half * 16;
    if (count === size) f.store(to, sum, at);
    else for (let lane = 0; lane < count; lane++) f.store(to, lanes.lane(sum, lane), at + lane * lanes.bytes);
  });
}

/** Panels that are whole, then the one that is not: first column, columns, width of each panel. */
function panelRuns(columns: number, width: number): { at: number; count: number; wide: number }[] {
  const whole = columns - (columns % width);
  return [
    ...(whole > 0 ? [{ at: 0, count: whole, wide: width }] : []),
    ...(whole < columns ? [{ at: whole, count: columns - whole, wide: columns - whole }] : []),
  ];
}

export function smaller(a: Expression, b: Expression): Expression {
  return i32.select(a, b, i32.less(a, b));
}
