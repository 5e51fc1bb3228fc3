/** Small square matrices, row-major: products, the exponential, its derivative, the logarithm. */
import { cellInverse } from '@mace/core/structure';

export function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

/** a·b of matrices [n n], or of rows [m n] and a matrix. */
export function multiply(a: Float64Array, b: Float64Array, n = 3): Float64Array {
  const product = new Float64Array(a.length);
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

export function trace(a: Float64Array): number {
  return a[0]! + a[4]! + a[8]!;
}

/** exp(a) [n n], by scaling and squaring of its series: Higham, "Functions of Matrices" (2008), section 10.3. */
export function exponential(a: Float64Array, n = 3): Float64Array {
  const squarings = Math.max(0, Math.ceil(Math.log2(2 * norm(a) + Number.MIN_VALUE)));
  const scaled = a.map((x) => x / 2 ** squarings);
  let term = identity(n);
  let result = identity(n);
  // 2⁻¹⁸/18! is nothing beside 1.
  for (let order = 1; order <= 18; order++) {
    term = multiply(term, scaled, n).map((x) => x / order);
    result = result.map((x, i) => x + term[i]!);
  }
  for (let i = 0; i < squarings; i++) result = multiply(result, result, n);
  return result;
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
