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
  const rows = columns === 0 ? 0 : out.length / columns;
  const sparse = sparseRows(b, inner, columns);
  const totals = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    if (sparse && allFinite(a, row * inner, inner)) multiplySparse(a, row * inner, sparse, totals);
    else multiplyRow(a, row * inner, inner, b, totals);
    for (let n = 0; n < columns; n++) out[row * columns + n] = totals[n]!;
  }
}

function allFinite(numbers: RealArray, start: number, count: number): boolean {
  // Zero times infinity or NaN is NaN.
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += 0 * numbers[i]!;
  return sum === 0;
}

/** The row of `a` that begins at `start`, times b: four columns at a time. */
function multiplyRow(a: RealArray, start: number, inner: number, b: RealArray, totals: Float64Array): void {
  const columns = totals.length;
  let n = 0;
  for (; n + 3 < columns; n += 4) {
    let [t0, t1, t2, t3] = [0, 0, 0, 0];
    for (let k = 0, at = n; k < inner; k++, at += columns) {
      const factor = a[start + k]!;
      t0 += factor * b[at]!;
      t1 += factor * b[at + 1]!;
      t2 += factor * b[at + 2]!;
      t3 += factor * b[at + 3]!;
    }
    totals[n] = t0;
    totals[n + 1] = t1;
    totals[n + 2] = t2;
    totals[n + 3] = t3;
  }
  for (; n < columns; n++) {
    let total = 0;
    for (let k = 0; k < inner; k++) total += a[start + k]! * b[k * columns + n]!;
    totals[n] = total;
  }
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

function multiplySparse(
  a: RealArray,
  start: number,
  { starts, columns, values }: SparseRows,
  totals: Float64Array,
): void {
  totals.fill(0);
  for (let k = 0; k < starts.length - 1; k++) {
    const factor = a[start + k]!;
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
