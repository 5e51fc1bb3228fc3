import { describe, expect, it } from 'vitest';
import { GraphError } from '../errors.js';
import { wigner3j } from './clebsch-gordan.js';
import { sphericalHarmonicsIrreps } from './irreps.js';
import { sphericalHarmonicsTable } from './spherical-harmonics.js';
import { evaluate, largestDifference, rotated, unitVector } from './testing/evaluate.js';
import { reference } from './testing/reference.js';
import { randomRotation } from './wigner.js';

const table = sphericalHarmonicsTable(11);
const blocks = sphericalHarmonicsIrreps(11);

/** q_k = Σ w3j(l+1, 1, l)[k, i, j] v_i s_j, divided by its size at the pole (spec 2.2); s has unit norm. */
function byRecursion(v: ArrayLike<number>): number[] {
  const step = (l: number, at: ArrayLike<number>, s: readonly number[]) =>
    Array.from({ length: 2 * l + 3 }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j <= 2 * l; j++) sum += wigner3j(l + 1, 1, l)[(k * 3 + i) * (2 * l + 1) + j]! * at[i]! * s[j]!;
      return sum;
    });
  let [s, pole] = [[1], [1]];
  const all = [1];
  for (let l = 0; l < 11; l++) {
    const unscaled = step(l, [0, 1, 0], pole);
    const size = Math.hypot(...unscaled);
    pole = unscaled.map((x) => x / size);
    s = step(l, v, s).map((x) => x / size);
    all.push(...s.map((x) => x * Math.sqrt(2 * l + 3)));
  }
  return all;
}

describe('sphericalHarmonicsTable', () => {
  it('has the check values of the specification', () => {
    const v = [0.3, -0.5, 0.8].map((x) => x / Math.hypot(0.3, 0.5, 0.8));
    const expected = [
      1, 0.524890659168, -0.87481776528, 1.39970842445, 0.948485717439, -0.592803573399, -0.262395732054,
      -1.58080952906, 1.08680655123, 1.18364715777, -1.26746735389, 0.135272824815, 1.15222321131, 0.360727532839,
      -1.452306343, 0.63817770255,
    ];
    expect(largestDifference(evaluate(sphericalHarmonicsTable(3), v), expected)).toBeLessThan(1e-11);
  });

  it('is e3nn’s, to degree 11', () => {
    reference.harmonics.points.forEach((point, n) => {
      const norm = Math.hypot(...point);
      const values = evaluate(
        table,
        point.map((x) => x / norm),
      );
      expect(largestDifference(values, reference.harmonics.values[n]!)).toBeLessThan(3e-14);
    });
  });

  it('satisfies the recursion through 3j symbols', () => {
    for (let seed = 0; seed < 10; seed++) {
      const v = unitVector(seed);
      expect(largestDifference(evaluate(table, v), byRecursion(v))).toBeLessThan(5e-14);
    }
  });

  it('has Σ_m Y² = 2l + 1', () => {
    for (let seed = 0; seed < 10; seed++) {
      const values = evaluate(table, unitVector(seed));
      for (let l = 0; l <= 11; l++) {
        const sum = values.slice(l * l, (l + 1) ** 2).reduce((total, y) => total + y * y, 0);
        expect(Math.abs(sum / (2 * l + 1) - 1)).toBeLessThan(2e-14);
      }
    }
  });

  it('is equivariant under rotations and inversion', () => {
    for (let seed = 0; seed < 5; seed++) {
      const rotation = randomRotation(seed);
      const v = unitVector(seed + 100);
      const turned = rotated([{ multiplicity: 1, irrep: { l: 1, p: -1 } }], rotation, v, true);
      expect(
        largestDifference(evaluate(table, turned), rotated(blocks, rotation, evaluate(table, v), true)),
      ).toBeLessThan(1e-13);
    }
  });

  it('is made of homogeneous harmonic polynomials', () => {
    for (const { out, factors } of table.monomials) expect(factors.length).toBe(Math.floor(Math.sqrt(out)));
    const laplacian = new Map<string, number>();
    let largest = 0;
    for (const { out, coefficient, factors } of table.monomials) {
      const powers = [0, 1, 2].map((c) => factors.filter((f) => f.component === c).length);
      powers.forEach((n, c) => {
        const key = `${out}|${powers.map((m, i) => (i === c ? m - 2 : m)).join()}`;
        if (n >= 2) laplacian.set(key, (laplacian.get(key) ?? 0) + n * (n - 1) * coefficient);
      });
      largest = Math.max(largest, Math.abs(coefficient));
    }
    for (const sum of laplacian.values()) expect(Math.abs(sum)).toBeLessThan(1e-12 * largest);
  });

  it('starts with a constant, and a table to a lower degree is its beginning', () => {
    expect(sphericalHarmonicsTable(0)).toEqual({ outputs: 1, monomials: [{ out: 0, coefficient: 1, factors: [] }] });
    expect(sphericalHarmonicsTable(2).monomials).toEqual(table.monomials.filter(({ out }) => out < 9));
  });

  it.each([12, -1, 1.5])('refuses degree %d', (l) => {
    expect(() => sphericalHarmonicsTable(l)).toThrow(GraphError);
  });
});
