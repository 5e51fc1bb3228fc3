import { describe, expect, it } from 'vitest';
import { GraphError } from '../errors.js';
import { largestDifference } from './testing/evaluate.js';
import { randomRotation, wignerD, wignerMatrices } from './wigner.js';

function multiply(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const n = Math.sqrt(a.length);
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(at / n) * n + k]! * b[k * n + (at % n)]!;
    return sum;
  });
}

const transposed = (a: Float64Array) => {
  const n = Math.sqrt(a.length);
  return a.map((_, at) => a[(at % n) * n + Math.floor(at / n)]!);
};
const identity = (n: number) => Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

describe('wignerMatrices', () => {
  it('are a representation by orthogonal matrices, to degree 11', () => {
    const [r, s] = [randomRotation(1), randomRotation(2)];
    const [a, b, ab] = [wignerMatrices(11, r), wignerMatrices(11, s), wignerMatrices(11, multiply(r, s))];
    for (let l = 0; l <= 11; l++) {
      expect(largestDifference(multiply(a[l]!, b[l]!), ab[l]!), `degree ${l}`).toBeLessThan(1e-13);
      expect(largestDifference(multiply(a[l]!, transposed(a[l]!)), identity(2 * l + 1)), `degree ${l}`).toBeLessThan(
        1e-13,
      );
    }
  });

  it('are the identity for no rotation and the rotation itself for l = 1', () => {
    wignerMatrices(5, identity(3)).forEach((matrix, l) =>
      expect(largestDifference(matrix, identity(2 * l + 1))).toBeLessThan(1e-15),
    );
    expect([...wignerD(1, randomRotation(3))]).toEqual([...randomRotation(3)]);
    expect([...wignerD(0, randomRotation(3))]).toEqual([1]);
  });

  it('refuses what is not a rotation', () => {
    const inversion = [-1, 0, 0, 0, -1, 0, 0, 0, -1];
    const sheared = [1, 1, 0, 0, 1, 0, 0, 0, 1];
    for (const matrix of [inversion, sheared, [1, 0, 0], [NaN, 0, 0, 0, 1, 0, 0, 0, 1]]) {
      expect(() => wignerMatrices(1, matrix)).toThrow(GraphError);
    }
    expect(() => wignerMatrices(12, identity(3))).toThrow(/from 0 to 11/);
  });
});

describe('randomRotation', () => {
  it('repeats for a seed, differs between seeds, and is spread over all directions', () => {
    expect([...randomRotation(7)]).toEqual([...randomRotation(7)]);
    const count = 4000;
    const mean = new Float64Array(9);
    const square = new Float64Array(9);
    for (let seed = 0; seed < count; seed++) {
      randomRotation(seed).forEach((x, i) => {
        mean[i]! += x / count;
        square[i]! += (x * x) / count;
      });
    }
    // Elements of a uniform rotation have mean 0 and variance 1/3; five standard errors.
    for (let i = 0; i < 9; i++) {
      expect(Math.abs(mean[i]!)).toBeLessThan(0.046);
      expect(Math.abs(square[i]! - 1 / 3)).toBeLessThan(0.024);
    }
  });
});
