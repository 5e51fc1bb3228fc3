/**
 * Sums of outer products, which the gradients of weights are. A few rows of the result and two vectors of columns stay in registers
 * while some rows of both factors pass, few enough that they stay in the cache for the whole result.
 */
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Arithmetic } from '../lanes.js';
import type { Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { rowsAtOnce, smaller } from './matmul.js';
import { wordOf } from './rows.js';
import { fixed, product, sizeExpression, type Size } from './size.js';

/** Rows of the factors that pass together: a cache line of each stays in the innermost cache for all rows of the result. */
const rowsPerBlock = 48;

/** Where the factors' rows come from: all, or by group in the order of an index map whose entries have `subRows` rows each. */
export type OuterRows =
  | { readonly kind: 'all'; readonly rows: Size }
  | { readonly kind: 'grouped'; readonly rows: Size; readonly groups: Size; readonly subRows: number };

/**
 * Σ over rows of a[row inner] ⊗ b[row columns] → [inner columns], for each group. Takes the addresses [a, b, out] and, grouped, the
 * [offsets, order] of the groups. A unit is a strip of rows of the result.
 */
export function outerProductKernel(set: KernelSet, inner: number, columns: number, from: OuterRows): Kernel {
  const high = Math.min(inner, rowsAtOnce);
  const strips = Math.ceil(inner / high);
  const grouped = from.kind === 'grouped';
  const key = `outerProduct ${inner} ${columns} ${JSON.stringify(from)}`;
  const name = set.kernel(key, grouped ? 5 : 3, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const [a, b, out, offsets, order] = pointers as [Local, Local, Local, Local, Local];
    const [rowBytes, columnBytes] = [inner * lanes.bytes, columns * lanes.bytes];
    const all = f.keep(sizeExpression(code, from.rows));
    const unit = f.local('i32');
    const resultRow = (of: Expression): Expression =>
      i32.add(
        i32.mul(i32.div(of, i32.of(strips)), i32.of(inner)),
        i32.mul(i32.remainder(of, i32.of(strips)), i32.of(high)),
      );
    f.loop(unit, begin, end, 1, () => {
      const last = i32.eq(i32.remainder(unit, i32.of(strips)), i32.of(strips - 1));
      const rows = i32.select(i32.of(inner - (strips - 1) * high), i32.of(high), last);
      f.clear(i32.add(out, i32.mul(resultRow(unit), i32.of(columnBytes))), i32.mul(rows, i32.of(columnBytes)));
    });
    const rest = inner - (strips - 1) * high;
    const [block, column] = [f.local('i32'), f.local('i32')];
    f.loop(block, i32.of(0), all, rowsPerBlock, () => {
      const blockEnd = f.keep(smaller(i32.add(block, i32.of(rowsPerBlock)), all));
      for (const { arithmetic, count, at, wide } of columnRuns(code, columns)) {
        const step = count * arithmetic.lanes * lanes.bytes;
        f.loop(column, i32.of(at * lanes.bytes), i32.of((at + wide) * lanes.bytes), step, () => {
          const right = f.keep(i32.add(b, column));
          f.loop(unit, begin, end, 1, () => {
            const strip = f.keep(i32.remainder(unit, i32.of(strips)));
            const target = f.keep(i32.add(i32.add(out, column), i32.mul(resultRow(unit), i32.of(columnBytes))));
            const left = f.keep(i32.add(a, i32.mul(strip, i32.of(high * lanes.bytes))));
            const [first, stop] = grouped
              ? groupRows(code, from.subRows, i32.div(unit, i32.of(strips)), offsets, block, blockEnd)
              : [block, blockEnd];
            const rowAt = grouped ? (position: Local): Expression => rowOf(position, order, from.subRows) : null;
            const places = { left, right, target, first, stop, rowBytes, columnBytes, rowAt };
            const addRows = (height: number): void => addStrip(code, arithmetic, height, count, places);
            f.if(i32.less(first, stop), () => {
              if (rest === high) addRows(high);
              else
                f.if(
                  i32.less(strip, i32.of(strips - 1)),
                  () => addRows(high),
                  () => addRows(rest),
                );
            });
          });
        });
      }
    });
  });
  const groups = grouped ? from.groups : fixed(1);
  return { name, units: product(groups, fixed(strips)) };
}

interface Places {
  /** In the first row of a, in the first row of b, and in the first row of the strip. */
  readonly left: Local;
  readonly right: Local;
  readonly target: Local;
  readonly first: Local;
  readonly stop: Local;
  readonly rowBytes: number;
  readonly columnBytes: number;
  /** The row of the factors at a position; null where it is the position itself. */
  readonly rowAt: ((position: Local) => Expression) | null;
}

/** Adds what some rows of the factors give to `height` rows and `count` values of columns of the result. */
function addStrip(
  { f, lanes: { bytes } }: KernelCode,
  arithmetic: Arithmetic,
  height: number,
  count: number,
  { left, right, target, first, stop, rowBytes, columnBytes, rowAt }: Places,
): void {
  const sums = Array.from({ length: height }, (_, row) =>
    Array.from({ length: count }, (_, v) => f.keep(arithmetic.load(target, row * columnBytes + 16 * v))),
  );
  const addRow = (factors: Local, others: Local): void => {
    const values = Array.from({ length: count }, (_, v) => f.keep(arithmetic.load(others, 16 * v)));
    sums.forEach((list, i) => {
      const factor = f.keep(arithmetic.loadSplat(factors, i * bytes));
      list.forEach((sum, v) => f.assign(sum, arithmetic.multiplyAdd(factor, values[v]!, sum)));
    });
  };
  const rowsFrom = (base: Local, row: Expression, size: number): Local =>
    f.keep(i32.add(base, i32.mul(row, i32.of(size))));
  if (rowAt) {
    const position = f.local('i32');
    f.loop(position, first, stop, 1, () => {
      const row = f.keep(rowAt(position));
      addRow(rowsFrom(left, row, rowBytes), rowsFrom(right, row, columnBytes));
    });
  } else {
    const factors = rowsFrom(left, first, rowBytes);
    const others = f.local('i32');
    f.loop(others, rowsFrom(right, first, columnBytes), rowsFrom(right, stop, columnBytes), columnBytes, () => {
      addRow(factors, others);
      f.assign(factors, i32.add(factors, i32.of(rowBytes)));
    });
  }
  sums.forEach((list, row) => list.forEach((sum, v) => f.store(target, sum, row * columnBytes + 16 * v)));
}

/** Positions of a group within a block. */
function groupRows(
  { f }: KernelCode,
  subRows: number,
  group: Expression,
  offsets: Local,
  block: Local,
  blockEnd: Local,
): [Local, Local] {
  const at = f.keep(wordOf(offsets, group));
  const first = f.keep(i32.mul(i32.load(at), i32.of(subRows)));
  const last = f.keep(i32.mul(i32.load(at, 4), i32.of(subRows)));
  return [f.keep(i32.select(block, first, i32.less(first, block))), f.keep(smaller(last, blockEnd))];
}

function rowOf(position: Local, order: Local, subRows: number): Expression {
  const entry = i32.load(wordOf(order, i32.div(position, i32.of(subRows))));
  return i32.add(i32.mul(entry, i32.of(subRows)), i32.remainder(position, i32.of(subRows)));
}

interface ColumnRun {
  readonly arithmetic: Arithmetic;
  /** Values of `arithmetic` side by side. */
  readonly count: number;
  readonly at: number;
  readonly wide: number;
}

/** Two vectors abreast, then one, then single numbers. */
function columnRuns({ lanes: { vector, single } }: KernelCode, columns: number): ColumnRun[] {
  const pairs = columns - (columns % (2 * vector.lanes));
  const whole = columns - (columns % vector.lanes);
  return [
    { arithmetic: vector, count: 2, at: 0, wide: pairs },
    { arithmetic: vector, count: 1, at: pairs, wide: whole - pairs },
    { arithmetic: single, count: 1, at: whole, wide: columns - whole },
  ].filter(({ wide }) => wide > 0);
}
