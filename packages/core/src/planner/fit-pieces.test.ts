/** Pieces reproduce every polynomial of their degree, and come close to what is none. */
import { describe, expect, test } from 'vitest';
import { distancesAt, farthestOff, fitPieces, fittedAt, valuesOfPieces } from './fit-pieces.js';

const range = [0.5, 3] as const;

/** Largest errors of values and slopes over all intervals, where pieces are farthest off. */
function errors(
  value: (r: number) => number,
  slope: (r: number) => number,
  degree: number,
  intervals: number,
): number[] {
  const shape = { range, intervals, degree };
  const all = Array.from({ length: intervals }, (_, i) => i);
  const at = (places: readonly number[]): number[] => Array.from(distancesAt(shape, all, places));
  // Two functions: the second twice the first.
  const samples = at(fittedAt(degree)).flatMap((r) => [value(r), 2 * value(r), slope(r), 2 * slope(r)]);
  const pieces = fitPieces(Float64Array.from(samples), 2, shape);
  expect(pieces.length).toBe(intervals * (degree + 1) * 2);
  const places = farthestOff(degree);
  const found = valuesOfPieces(pieces, 2, shape, places);
  const largest = [0, 0];
  at(places).forEach((r, i) => {
    for (const order of [0, 1] as const) {
      for (const f of [0, 1]) {
        const exact = (f + 1) * (order === 0 ? value(r) : slope(r));
        largest[order] = Math.max(largest[order]!, Math.abs(found[(2 * i + order) * 2 + f]! - exact));
      }
    }
  });
  return largest;
}

describe.each([1, 2, 4, 6, 7])('degree %d', (degree) => {
  test('polynomials of that degree are exact', () => {
    const power = (r: number): number => (r - 1) ** degree;
    const slope = (r: number): number => degree * (r - 1) ** (degree - 1);
    for (const error of errors(power, slope, degree, 3)) expect(error).toBeLessThan(1e-13 * 2 ** degree);
  });

  test('half the length makes errors of the slope 2^degree times smaller, of the value twice that', () => {
    const [coarse, fine] = [8, 16].map((intervals) => errors(Math.sin, Math.cos, degree, intervals));
    // Beyond that it is rounding.
    if (fine![0]! < 1e-13) return;
    expect(coarse![1]! / fine![1]!).toBeGreaterThan(0.8 * 2 ** degree);
    expect(coarse![0]! / fine![0]!).toBeGreaterThan(0.8 * 2 ** (degree + 1));
  });
});

test('no distance is beyond the range', () => {
  const distances = distancesAt({ range, intervals: 4 }, [0, 3], [-1, 1]);
  expect(distances[0]).toBe(0.5);
  expect(distances[3]).toBeLessThan(3);
});
