/** What kernels compute on: a dense array with its shape, and the arithmetic of a precision. */
import type { RealArray } from '../../backend/contract.js';

export interface Value {
  readonly shape: readonly number[];
  /** One element when `uniform`, else row-major. Masks hold 0 and 1. */
  readonly data: RealArray;
  /** One element stands for all; this keeps broadcast scalars from filling memory. */
  readonly uniform: boolean;
}

/** `round` follows every elementary operation: the identity for float64, `Math.fround` for float32. */
export interface Arithmetic {
  /** Whether it is that of float32. */
  readonly single: boolean;
  readonly round: (x: number) => number;
  readonly allocate: (size: number) => RealArray;
  /** All elements of a value. */
  readonly dense: (value: Value) => RealArray;
}

export function arithmeticOf(precision: 'f64' | 'f32'): Arithmetic {
  const allocate = (size: number): RealArray => (precision === 'f32' ? new Float32Array(size) : new Float64Array(size));
  return {
    single: precision === 'f32',
    // One function for both: engines compile loops in which the same function is called always, and two would be called.
    round: (x) => (precision === 'f32' ? Math.fround(x) : x),
    allocate,
    dense: (value) => (value.uniform ? allocate(count(value.shape)).fill(value.data[0]!) : value.data),
  };
}

/** Number of elements of a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}
