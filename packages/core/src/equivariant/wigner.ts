/**
 * Rotation matrices and how they act on irreps; used to check equivariance.
 */
import { GraphError } from '../errors.js';
import { checkDegree, wigner3j } from './clebsch-gordan.js';

/**
 * The matrix D with Y_l(R v) = D Y_l(v): [2l+1, 2l+1], row-major; for each degree from 0 to `lmax`.
 *
 * By recursion: that of l + 1 is D_1 ⊗ D_l between the symbols that couple 1 ⊗ l to l + 1. Inversion is not part of D:
 * it multiplies an irrep by its parity.
 *
 * @param rotation - [3, 3] row-major, determinant 1
 * @throws GraphError if `rotation` is not a rotation or `lmax` is not an integer from 0 to 11
 */
export function wignerMatrices(lmax: number, rotation: ArrayLike<number>): Float64Array[] {
  checkDegree(lmax, `wignerMatrices(${lmax})`);
  checkRotation(rotation);
  const matrices: Float64Array[] = [Float64Array.of(1), Float64Array.from(rotation)];
  for (let l = 1; l < lmax; l++) matrices.push(next(l, rotation, matrices[l]!));
  return matrices.slice(0, lmax + 1);
}

/** One of {@link wignerMatrices}. */
export function wignerD(l: number, rotation: ArrayLike<number>): Float64Array {
  return wignerMatrices(l, rotation)[l]!;
}

/** A uniformly distributed rotation matrix [3, 3], row-major, the same for the same seed. */
export function randomRotation(seed: number): Float64Array {
  const random = uniform(seed);
  // Four Gaussian numbers give a uniform unit quaternion.
  const quaternion = [0, 1, 2, 3].map(() => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  const norm = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((q) => q / norm) as [number, number, number, number];
  return Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  );
}

function next(l: number, rotation: ArrayLike<number>, matrix: Float64Array): Float64Array {
  const [d, n] = [2 * l + 1, 2 * l + 3];
  const symbol = wigner3j(l + 1, 1, l);
  const result = new Float64Array(n * n);
  // Few of the symbol's elements are not zero, so both copies are walked as lists.
  const elements = [...symbol.entries()]
    .filter(([, value]) => value !== 0)
    .map(([at, value]) => ({
      k: Math.floor(at / (3 * d)),
      i: Math.floor(at / d) % 3,
      j: at % d,
      value,
    }));
  for (const left of elements) {
    for (const right of elements) {
      result[left.k * n + right.k]! +=
        n * left.value * right.value * rotation[left.i * 3 + right.i]! * matrix[left.j * d + right.j]!;
    }
  }
  return result;
}

/** Unit rows and determinant 1 leave nothing but a rotation. */
function checkRotation(r: ArrayLike<number>): void {
  const at = (row: number, column: number) => r[(row % 3) * 3 + (column % 3)] ?? NaN;
  let determinant = 0;
  let deviation = 0;
  for (let i = 0; i < 3; i++) {
    determinant += at(0, i) * (at(1, i + 1) * at(2, i + 2) - at(1, i + 2) * at(2, i + 1));
    deviation += Math.abs(Math.hypot(at(i, 0), at(i, 1), at(i, 2)) - 1);
  }
  if (r.length === 9 && Math.abs(determinant - 1) + deviation < 1e-6) return;
  throw new GraphError(
    `not a rotation: wignerMatrices: expected a 3×3 matrix of determinant 1, got ${r.length} values with determinant ` +
      `${determinant}. Take an inversion out and apply it as the parity.`,
  );
}

/** Mulberry32: uniform numbers in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
