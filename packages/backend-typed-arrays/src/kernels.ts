/**
 * Loops over arrays: strided copies and sums, a matrix product, rows along an index map. Sums are kept in float64 and added
 * in a fixed order, so that a result has the same bits in any batch.
 */
import type { IndexMapValues, RealArray } from '@mace/core/backend';

interface Shaped {
  readonly shape: readonly number[];
  readonly data: RealArray;
}

/** Distance in memory between neighbors along each axis. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Fills `out` in row-major order with source elements at Σ index · stride. */
export function strideThrough(source: RealArray, strides: readonly number[], { shape, data }: Shaped): void {
  forEachLine(shape, strides, (to, from, length, step) => {
    for (let i = 0; i < length; i++) data[to + i] = source[from + i * step]!;
  });
}

/** Σ over `axes`. */
export function sumStrided(x: Shaped, axes: readonly number[], out: RealArray): void {
  const kept = rowMajorStrides(x.shape.filter((_, axis) => !axes.includes(axis)));
  let next = 0;
  const strides = x.shape.map((_, axis) => (axes.includes(axis) ? 0 : kept[next++]!));
  const totals = new Float64Array(out.length);
  forEachLine(x.shape, strides, (from, to, length, step) => {
    for (let i = 0; i < length; i++) totals[to + i * step]! += x.data[from + i]!;
  });
  out.set(totals);
}

/**
 * a[rows, inner] · b[inner, columns]. Where b is mostly zeros, as the matrices of ops that are made of products are, rows of
 * finite numbers meet its other numbers only: nothing that is left out could change a sum.
 */
export function multiplyMatrix(a: RealArray, b: RealArray, inner: number, columns: number, out: RealArray): void {
  const totals = new Float64Array(columns);
  const rows = columns === 0 ? 0 : out.length / columns;
  const sparse = sparseRows(b, inner, columns);
  for (let row = 0; row < rows; row++) {
    const factors = a.subarray(row * inner, (row + 1) * inner);
    totals.fill(0);
    if (sparse && allFinite(factors)) addSparse(factors, sparse, totals);
    else addDense(factors, b, totals);
    out.set(totals, row * columns);
  }
}

function allFinite(numbers: RealArray): boolean {
  // Zero times infinity or NaN is NaN.
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += 0 * numbers[i]!;
  return sum === 0;
}

/** Four rows of b at a time, so that totals are read and written less often. */
function addDense(factors: RealArray, b: RealArray, totals: Float64Array): void {
  const columns = totals.length;
  let k = 0;
  for (; k + 3 < factors.length; k += 4) {
    const [a0, a1, a2, a3] = [factors[k]!, factors[k + 1]!, factors[k + 2]!, factors[k + 3]!];
    const [b0, b1, b2, b3] = [k * columns, (k + 1) * columns, (k + 2) * columns, (k + 3) * columns];
    for (let n = 0; n < columns; n++)
      totals[n]! += a0 * b[b0 + n]! + a1 * b[b1 + n]! + a2 * b[b2 + n]! + a3 * b[b3 + n]!;
  }
  for (; k < factors.length; k++) for (let n = 0; n < columns; n++) totals[n]! += factors[k]! * b[k * columns + n]!;
}

/** Numbers that are not zero, row by row: row k has those from `starts[k]` on, before `starts[k + 1]`. */
interface SparseRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** `null` where more than a quarter of the numbers are not zero, or one of them is not finite. */
function sparseRows(b: RealArray, inner: number, columns: number): SparseRows | null {
  const most = Math.floor(b.length / 4);
  const found = { starts: new Int32Array(inner + 1), columns: new Int32Array(most), values: new Float64Array(most) };
  let count = 0;
  for (let k = 0; k < inner; k++) {
    for (let n = 0; n < columns; n++) {
      const value = b[k * columns + n]!;
      if (value === 0) continue;
      if (count === most || !Number.isFinite(value)) return null;
      found.columns[count] = n;
      found.values[count++] = value;
    }
    found.starts[k + 1] = count;
  }
  return found;
}

function addSparse(factors: RealArray, { starts, columns, values }: SparseRows, totals: Float64Array): void {
  for (let k = 0; k < factors.length; k++) {
    const factor = factors[k]!;
    for (let i = starts[k]!; i < starts[k + 1]!; i++) totals[columns[i]!]! += factor * values[i]!;
  }
}

/** Row r of the result is row map(r) of `x`. */
export function pickRows(x: Shaped, map: IndexMapValues, out: RealArray): void {
  const width = widthOf(x);
  for (let row = 0; row < map.values.length; row++) {
    const from = map.values[row]! * width;
    out.set(x.data.subarray(from, from + width), row * width);
  }
}

/** Each row of `x` is added to row map(r) of the result. */
export function addRows(x: Shaped, map: IndexMapValues, out: RealArray): void {
  const width = widthOf(x);
  const totals = new Float64Array(width);
  for (let target = 0; target < map.offsets.length - 1; target++) {
    totals.fill(0);
    for (let position = map.offsets[target]!; position < map.offsets[target + 1]!; position++) {
      const from = map.order[position]! * width;
      for (let i = 0; i < width; i++) totals[i]! += x.data[from + i]!;
    }
    out.set(totals, target * width);
  }
}

function widthOf({ shape }: Shaped): number {
  return shape.slice(1).reduce((size, dim) => size * dim, 1);
}

/** Visits the lines along the last axis in row-major order: number of its first element, Σ index · stride there, length, stride. */
function forEachLine(
  shape: readonly number[],
  strides: readonly number[],
  visit: (number: number, position: number, length: number, step: number) => void,
): void {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const last = shape.length - 1;
  const [length, step] = last < 0 ? [1, 0] : [shape[last]!, strides[last]!];
  const index = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let number = 0; number < size; number += length) {
    visit(number, position, length, step);
    for (let axis = last - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
