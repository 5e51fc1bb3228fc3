/** Matrices of three rows and three columns, row-major. */

export const identity: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** A·B, written to `out`, which is neither. */
export function multiply(a: ArrayLike<number>, b: ArrayLike<number>, out = new Float64Array(9)): Float64Array {
  for (let j = 0; j < 3; j++)
    for (let k = 0; k < 3; k++)
      out[3 * j + k] = a[3 * j]! * b[k]! + a[3 * j + 1]! * b[3 + k]! + a[3 * j + 2]! * b[6 + k]!;
  return out;
}

/** e^A, as the square of its half so often that the series of Taylor ends at once. */
export function exponential(a: ArrayLike<number>): Float64Array {
  let norm = 0;
  for (let k = 0; k < 9; k++) norm = Math.max(norm, Math.abs(a[k]!));
  const halvings = norm > 1 / 64 ? Math.ceil(Math.log2(norm * 64)) : 0;
  const small = new Float64Array(9);
  for (let k = 0; k < 9; k++) small[k] = a[k]! / 2 ** halvings;
  let [sum, next] = [Float64Array.from(identity), new Float64Array(9)];
  // 3/64 to the tenth power over 10! is far below the last bit.
  for (let order = 10; order > 0; order--) {
    multiply(small, sum, next);
    for (let k = 0; k < 9; k++) sum[k] = next[k]! / order + identity[k]!;
  }
  for (let i = 0; i < halvings; i++) {
    multiply(sum, sum, next);
    [sum, next] = [next, sum];
  }
  return sum;
}

/** The volume that the rows span. */
export function volume(a: Float64Array, at = 0): number {
  const [x, y, z] = [a[at + 6]!, a[at + 7]!, a[at + 8]!];
  return Math.abs(
    x * (a[at + 1]! * a[at + 5]! - a[at + 2]! * a[at + 4]!) +
      y * (a[at + 2]! * a[at + 3]! - a[at]! * a[at + 5]!) +
      z * (a[at]! * a[at + 4]! - a[at + 1]! * a[at + 3]!),
  );
}

/** Σ A_jk·B_jk. */
export function contract(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < 9; k++) sum += a[k]! * b[k]!;
  return sum;
}

export function trace(a: ArrayLike<number>): number {
  return a[0]! + a[4]! + a[8]!;
}

/** Row vector times matrix: component `k` of v·A. */
export function rowTimes(x: number, y: number, z: number, a: ArrayLike<number>, k: number): number {
  return x * a[k]! + y * a[3 + k]! + z * a[6 + k]!;
}
