/** Small square matrices, row-major: products, the exponential, its derivative, the logarithm. */
import { cellInverse } from '@mace/core/structure';

export function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

/** a·b of matrices [n n], or of rows [m n] and a matrix; written to `product`, which is neither. */
export function multiply(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  n = 3,
  product: Float64Array = new Float64Array(a.length),
): Float64Array {
  for (let row = 0; row < a.length; row += n)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[row + k]! * b[n * k + j]!;
      product[row + j] = sum;
    }
  return product;
}

export function transpose(a: Float64Array, n = 3): Float64Array {
  return a.map((_, i) => a[n * (i % n) + Math.floor(i / n)]!);
}

export function trace(a: ArrayLike<number>): number {
  return a[0]! + a[4]! + a[8]!;
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

/** Row vector times matrix: component `k` of v·A. */
export function rowTimes(x: number, y: number, z: number, a: ArrayLike<number>, k: number): number {
  return x * a[k]! + y * a[3 + k]! + z * a[6 + k]!;
}

/** exp(a) [n n], by scaling and squaring of its series: Higham, "Functions of Matrices" (2008), section 10.3. In every step of a barostat. */
export function exponential(a: Float64Array, n = 3): Float64Array {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]!));
  const squarings = largest > 1 / 64 ? Math.ceil(Math.log2(64 * largest)) : 0;
  const scaled = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) scaled[i] = a[i]! / 2 ** squarings;
  let sum: Float64Array = identity(n);
  let next: Float64Array = new Float64Array(a.length);
  // (n/64)¹¹/11! is nothing beside 1.
  for (let order = 10; order > 0; order--) {
    multiply(scaled, sum, n, next);
    for (let i = 0; i < a.length; i++) sum[i] = next[i]! / order + (i % (n + 1) === 0 ? 1 : 0);
  }
  for (let i = 0; i < squarings; i++) {
    multiply(sum, sum, n, next);
    [sum, next] = [next, sum];
  }
  return sum;
}

/** The derivative of exp at a [3 3] along a direction [3 3]: a block of the exponential of [a direction; 0 a] (Higham 2008, equation 10.43). */
export function exponentialDerivative(a: Float64Array, direction: Float64Array): Float64Array {
  const blocks = new Float64Array(36);
  for (let i = 0; i < 9; i++) {
    const at = 6 * Math.floor(i / 3) + (i % 3);
    blocks[at] = a[i]!;
    blocks[at + 3] = direction[i]!;
    blocks[at + 21] = a[i]!;
  }
  const exp = exponential(blocks, 6);
  return Float64Array.from({ length: 9 }, (_, i) => exp[6 * Math.floor(i / 3) + 3 + (i % 3)]!);
}

/**
 * log(a) [3 3], of a matrix without eigenvalues that are negative or zero: square roots until it is near 1 (Denman, Beavers, Appl. Math.
 * Comput. 2, 63 (1976)), then the series of 2·artanh((a − 1)/(a + 1)). Not finite of others.
 */
export function logarithm(a: Float64Array): Float64Array {
  let root = a;
  let roots = 0;
  for (; norm(difference(root, one)) > 0.1 && roots < 60; roots++) root = squareRoot(root);
  const z = multiply(difference(root, one), cellInverse(root.map((x, i) => x + one[i]!)));
  const squared = multiply(z, z);
  let power = z;
  let log = z;
  for (let order = 3; order <= 17; order += 2) {
    power = multiply(power, squared);
    log = log.map((x, i) => x + power[i]! / order);
  }
  return log.map((x) => 2 ** (roots + 1) * x);
}

const one = identity(3);

function squareRoot(a: Float64Array): Float64Array {
  let [root, inverse] = [a, one];
  for (let i = 0; i < 60; i++) {
    const next = mean(root, cellInverse(inverse));
    inverse = mean(inverse, cellInverse(root));
    const change = norm(difference(next, root));
    root = next;
    if (!(change > 1e-15 * norm(root))) break;
  }
  return root;
}

function mean(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => 0.5 * (x + b[i]!));
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]!);
}

/** Of all entries. */
function norm(a: Float64Array): number {
  return Math.hypot(...a);
}
