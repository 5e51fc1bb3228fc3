/** Products with one matrix, or with a matrix per group of rows. */
import type { IndexMapValues, RealArray } from '../../backend/contract.js';
import type { MatmulForm } from '../../ir/types.js';
import { count, type Arithmetic, type Value } from './value.js';

export function matmulKernels({ single, round, allocate, dense }: Arithmetic) {
  const tile = single ? tileOfSingles : tileOfDoubles;

  /** a[R, K]·b; with `group` the matrix of row r is number group.values[r / rowsPerEntry]. */
  function matmul(
    x: Value,
    y: Value,
    form: MatmulForm,
    group: IndexMapValues | undefined,
    shape: readonly number[],
  ): Value {
    const a = dense(x);
    const inner = x.shape[x.shape.length - 1]!;
    const rows = count(x.shape.slice(0, -1));
    const rowsPerEntry = group ? count(x.shape.slice(1, -1)) : 1;
    const columns = form === 'tn' ? y.shape[y.shape.length - 1]! : shape[shape.length - 1]!;
    const out = allocate(count(shape));
    const matrixOf = (row: number): number =>
      group ? group.values[Math.floor(row / rowsPerEntry)]! * inner * columns : 0;
    if (form === 'tn') {
      const b = dense(y);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < inner; k++) {
          const factor = a[row * inner + k]!;
          const to = matrixOf(row) + k * columns;
          for (let n = 0; n < columns; n++) out[to + n]! += round(factor * b[row * columns + n]!);
        }
      }
    } else {
      const b = form === 'nt' ? transposedMatrices(dense(y), columns, inner) : dense(y);
      const inTiles = group || rows < 8 ? { rows: 0, columns: 0 } : multiplyTiles(a, rows, inner, b, out, columns);
      for (let row = 0; row < rows; row++) {
        const from = row < inTiles.rows ? inTiles.columns : 0;
        if (from < columns)
          addRowTimesMatrix(a, row * inner, inner, b, matrixOf(row), out, row * columns, columns, from);
      }
    }
    return { shape, data: out, uniform: false };
  }

  /** Each matrix [rows, columns] of a stack as [columns, rows]. */
  function transposedMatrices(b: RealArray, rows: number, columns: number): RealArray {
    const out = allocate(b.length);
    for (let matrix = 0; matrix < b.length; matrix += rows * columns) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) out[matrix + c * rows + r] = b[matrix + r * columns + c]!;
      }
    }
    return out;
  }

  /** Two rows by four columns at a time, sums in registers and in the order of {@link addRowTimesMatrix}. */
  function multiplyTiles(
    a: RealArray,
    rows: number,
    inner: number,
    b: RealArray,
    out: RealArray,
    columns: number,
  ): { rows: number; columns: number } {
    const tiled = { rows: rows - (rows % 2), columns: columns - (columns % 4) };
    const panel = allocate(inner * 4);
    for (let n = 0; n < tiled.columns; n += 4) {
      for (let k = 0; k < inner; k++) {
        for (let c = 0; c < 4; c++) panel[4 * k + c] = b[k * columns + n + c]!;
      }
      for (let row = 0; row < tiled.rows; row += 2) tile(a, row, inner, panel, out, columns, n);
    }
    return tiled;
  }

  function addRowTimesMatrix(
    a: RealArray,
    from: number,
    inner: number,
    b: RealArray,
    matrix: number,
    out: RealArray,
    to: number,
    columns: number,
    first: number,
  ): void {
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const a0 = a[from + k]!;
      const a1 = a[from + k + 1]!;
      const a2 = a[from + k + 2]!;
      const a3 = a[from + k + 3]!;
      const b0 = matrix + k * columns;
      const b1 = b0 + columns;
      const b2 = b1 + columns;
      const b3 = b2 + columns;
      for (let n = first; n < columns; n++) {
        let total = round(out[to + n]! + round(a0 * b[b0 + n]!));
        total = round(total + round(a1 * b[b1 + n]!));
        total = round(total + round(a2 * b[b2 + n]!));
        out[to + n] = total + round(a3 * b[b3 + n]!);
      }
    }
    for (; k < inner; k++) {
      const factor = a[from + k]!;
      const row = matrix + k * columns;
      for (let n = first; n < columns; n++) out[to + n]! += round(factor * b[row + n]!);
    }
  }

  return { matmul };
}

/** Adds products for two rows and four columns: sums in registers. */
type Tile = (
  a: RealArray,
  row: number,
  inner: number,
  panel: RealArray,
  out: RealArray,
  columns: number,
  column: number,
) => void;

/** Most of the time of the reference is spent here, so each precision has a loop that engines can compile for it alone. */
const tileOfDoubles: Tile = (a, row, inner, panel, out, columns, column) => {
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  const upper = row * inner;
  const lower = upper + inner;
  for (let k = 0; k < inner; k++) {
    const x = a[upper + k]!;
    const y = a[lower + k]!;
    const b0 = panel[4 * k]!;
    const b1 = panel[4 * k + 1]!;
    const b2 = panel[4 * k + 2]!;
    const b3 = panel[4 * k + 3]!;
    s00 += x * b0;
    s01 += x * b1;
    s02 += x * b2;
    s03 += x * b3;
    s10 += y * b0;
    s11 += y * b1;
    s12 += y * b2;
    s13 += y * b3;
  }
  const to = row * columns + column;
  out[to] = s00;
  out[to + 1] = s01;
  out[to + 2] = s02;
  out[to + 3] = s03;
  out[to + columns] = s10;
  out[to + columns + 1] = s11;
  out[to + columns + 2] = s12;
  out[to + columns + 3] = s13;
};

const tileOfSingles: Tile = (a, row, inner, panel, out, columns, column) => {
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  const upper = row * inner;
  const lower = upper + inner;
  for (let k = 0; k < inner; k++) {
    const x = a[upper + k]!;
    const y = a[lower + k]!;
    const b0 = panel[4 * k]!;
    const b1 = panel[4 * k + 1]!;
    const b2 = panel[4 * k + 2]!;
    const b3 = panel[4 * k + 3]!;
    s00 = Math.fround(s00 + Math.fround(x * b0));
    s01 = Math.fround(s01 + Math.fround(x * b1));
    s02 = Math.fround(s02 + Math.fround(x * b2));
    s03 = Math.fround(s03 + Math.fround(x * b3));
    s10 = Math.fround(s10 + Math.fround(y * b0));
    s11 = Math.fround(s11 + Math.fround(y * b1));
    s12 = Math.fround(s12 + Math.fround(y * b2));
    s13 = Math.fround(s13 + Math.fround(y * b3));
  }
  const to = row * columns + column;
  out[to] = s00;
  out[to + 1] = s01;
  out[to + 2] = s02;
  out[to + 3] = s03;
  out[to + columns] = s10;
  out[to + columns + 1] = s11;
  out[to + columns + 2] = s12;
  out[to + columns + 3] = s13;
};
