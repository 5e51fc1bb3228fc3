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
  forEachPosition(shape, strides, (i, at) => {
    data[i] = source[at]!;
  });
}

/** Σ over `axes`. */
export function sumStrided(x: Shaped, axes: readonly number[], out: RealArray): void {
  const kept = rowMajorStrides(x.shape.filter((_, axis) => !axes.includes(axis)));
  let next = 0;
  const strides = x.shape.map((_, axis) => (axes.includes(axis) ? 0 : kept[next++]!));
  const totals = new Float64Array(out.length);
  forEachPosition(x.shape, strides, (i, to) => {
    totals[to]! += x.data[i]!;
  });
  out.set(totals);
}

/** a[rows, inner] · b[inner, columns]. */
export function multiplyMatrix(a: RealArray, b: RealArray, inner: number, columns: number, out: RealArray): void {
  const totals = new Float64Array(columns);
  const rows = columns === 0 ? 0 : out.length / columns;
  for (let row = 0; row < rows; row++) {
    totals.fill(0);
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k]!;
      for (let column = 0; column < columns; column++) totals[column]! += factor * b[k * columns + column]!;
    }
    out.set(totals, row * columns);
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

/** Visits every index of `shape` in row-major order with its number and Σ index · stride. */
function forEachPosition(
  shape: readonly number[],
  strides: readonly number[],
  visit: (number: number, position: number) => void,
): void {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const index = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let number = 0; number < size; number++) {
    visit(number, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
