/** Products with one matrix, or with a matrix per group of rows. */
import type { IndexMapValues, RealArray } from '../../backend/contract.js';
import type { MatmulForm } from '../../ir/types.js';
import { count, type Arithmetic, type Value } from './value.js';

export function matmulKernels({ round, allocate, dense }: Arithmetic) {
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
      for (let row = 0; row < rows; row++)
        addRowTimesMatrix(a, row * inner, inner, b, matrixOf(row), out, row * columns, columns);
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

  function addRowTimesMatrix(
    a: RealArray,
    from: number,
    inner: number,
    b: RealArray,
    matrix: number,
    out: RealArray,
    to: number,
    columns: number,
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
      for (let n = 0; n < columns; n++) {
        let total = round(out[to + n]! + round(a0 * b[b0 + n]!));
        total = round(total + round(a1 * b[b1 + n]!));
        total = round(total + round(a2 * b[b2 + n]!));
        out[to + n] = total + round(a3 * b[b3 + n]!);
      }
    }
    for (; k < inner; k++) {
      const factor = a[from + k]!;
      const row = matrix + k * columns;
      for (let n = 0; n < columns; n++) out[to + n]! += round(factor * b[row + n]!);
    }
  }

  return { matmul };
}
