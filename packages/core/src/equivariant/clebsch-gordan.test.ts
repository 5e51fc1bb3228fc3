import { describe, expect, it } from 'vitest';
import { GraphError } from '../errors.js';
import { wigner3j } from './clebsch-gordan.js';
import { reference } from './testing/reference.js';
import { largestDifference } from './testing/evaluate.js';
import { randomRotation, wignerD } from './wigner.js';

const name = (degrees: readonly number[]) => degrees.join(' ');
const at = (l: readonly [number, number, number], i: number, j: number, k: number) =>
  wigner3j(...l)[(i * (2 * l[1] + 1) + j) * (2 * l[2] + 1) + k];

describe('wigner3j', () => {
  it('is e3nn’s table, signs included', () => {
    for (const { degrees, index, value } of reference.wigner3j) {
      const expected = new Float64Array(wigner3j(...degrees).length);
      index.forEach((position, n) => (expected[position] = value[n]!));
      expect(largestDifference(wigner3j(...degrees), expected), name(degrees)).toBeLessThan(2e-15);
    }
  });

  it('has e3nn’s first elements where the degrees are high', () => {
    for (const { degrees, index, value } of reference.wigner3jLeading) {
      const symbol = wigner3j(...degrees);
      index.forEach((position, n) =>
        expect(Math.abs(symbol[position]! - value[n]!), name(degrees)).toBeLessThan(2e-15),
      );
      expect(
        symbol.findIndex((x) => x !== 0),
        name(degrees),
      ).toBe(index[0]);
    }
  });

  it('has the values of the specification', () => {
    expect(at([1, 1, 1], 0, 1, 2)).toBeCloseTo(1 / Math.sqrt(6), 15);
    expect(at([1, 1, 2], 1, 1, 2)).toBeCloseTo(0.36514837167, 11);
    expect(at([1, 1, 2], 0, 0, 2)).toBeCloseTo(-0.182574185835, 11);
    expect(at([1, 1, 2], 0, 1, 1)).toBeCloseTo(0.316227766017, 11);
    expect(at([1, 1, 2], 0, 0, 4)).toBeCloseTo(-0.316227766017, 11);
    expect(at([1, 2, 2], 0, 0, 1)).toBeCloseTo(0.182574185835, 11);
    expect(at([1, 2, 2], 1, 0, 4)).toBeCloseTo(0.36514837167, 11);
    expect(at([2, 2, 2], 2, 2, 2)).toBeCloseTo(0.239045721867, 11);
    expect(at([2, 2, 2], 0, 0, 2)).toBeCloseTo(-0.239045721867, 11);
    for (let l = 0; l <= 11; l++) {
      const scaled = Array.from({ length: (2 * l + 1) ** 2 }, (_, i) =>
        i % (2 * l + 2) === 0 ? 1 / Math.sqrt(2 * l + 1) : 0,
      );
      for (const degrees of [
        [l, 0, l],
        [l, l, 0],
        [0, l, l],
      ] as [number, number, number][]) {
        expect(largestDifference(wigner3j(...degrees), scaled)).toBeLessThan(2e-16);
      }
    }
  });

  it('has orthogonal rows: Σ_ab w[a,b,c] w[a,b,c′] = δ/(2·l3+1), and between different l3', () => {
    for (const [l1, l2] of [
      [1, 2],
      [3, 3],
      [4, 2],
      [3, 4],
    ] as const) {
      const rows = (2 * l1 + 1) * (2 * l2 + 1);
      const columns: { values: number[]; norm: number }[] = [];
      for (let l3 = Math.abs(l1 - l2); l3 <= l1 + l2; l3++) {
        const d = 2 * l3 + 1;
        const symbol = wigner3j(l1, l2, l3);
        for (let c = 0; c < d; c++)
          columns.push({ norm: 1 / d, values: Array.from({ length: rows }, (_, ab) => symbol[ab * d + c]!) });
      }
      expect(columns.length).toBe(rows);
      let largest = 0;
      columns.forEach((x, i) =>
        columns.forEach((y, j) => {
          const dot = x.values.reduce((sum, value, n) => sum + value * y.values[n]!, 0);
          largest = Math.max(largest, Math.abs(dot - (i === j ? x.norm : 0)));
        }),
      );
      expect(largest).toBeLessThan(1e-15);
    }
  });

  it('is invariant under rotations', () => {
    const cases = [
      [1, 1, 1],
      [2, 3, 4],
      [3, 1, 2],
      [4, 4, 5],
      [6, 5, 3],
    ] as const;
    cases.forEach(([l1, l2, l3], seed) => {
      const [d1, d2, d3] = [2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1];
      const rotation = randomRotation(seed);
      const [D1, D2, D3] = [wignerD(l1, rotation), wignerD(l2, rotation), wignerD(l3, rotation)];
      const symbol = wigner3j(l1, l2, l3);
      const turned = new Float64Array(symbol.length);
      symbol.forEach((value, n) => {
        if (value === 0) return;
        const [a, b, c] = [Math.floor(n / (d2 * d3)), Math.floor(n / d3) % d2, n % d3];
        for (let i = 0; i < d1; i++)
          for (let j = 0; j < d2; j++)
            for (let k = 0; k < d3; k++) {
              turned[(i * d2 + j) * d3 + k]! += value * D1[i * d1 + a]! * D2[j * d2 + b]! * D3[k * d3 + c]!;
            }
      });
      expect(largestDifference(turned, symbol)).toBeLessThan(1e-14);
    });
  });

  it('changes by (−1)^(l1+l2+l3) when two axes are swapped', () => {
    for (const [l1, l2, l3] of [
      [1, 2, 2],
      [1, 2, 3],
      [3, 4, 6],
      [2, 5, 4],
    ] as const) {
      const [d1, d2, d3] = [2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1];
      const sign = (l1 + l2 + l3) % 2 === 0 ? 1 : -1;
      const swapped = wigner3j(l2, l1, l3);
      const back = wigner3j(l1, l2, l3).map((_, n) => {
        const [a, b, c] = [Math.floor(n / (d2 * d3)), Math.floor(n / d3) % d2, n % d3];
        return sign * swapped[(b * d1 + a) * d3 + c]!;
      });
      expect(largestDifference(back, wigner3j(l1, l2, l3))).toBe(0);
    }
  });

  it.each([
    [12, 12, 0],
    [-1, 0, 0],
    [1.5, 1, 1],
    [1, 1, 3],
    [4, 1, 2],
  ] as const)('refuses (%d, %d, %d)', (l1, l2, l3) => {
    expect(() => wigner3j(l1, l2, l3)).toThrow(GraphError);
  });

  it('says where the table ends', () => {
    expect(() => wigner3j(4, 8, 12)).toThrow(
      /wigner3j\(4, 8, 12\): expected an integer from 0 to 11 .*got 12\. Use a smaller/,
    );
  });
});
