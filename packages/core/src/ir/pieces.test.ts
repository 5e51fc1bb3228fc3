/** The weights of the coefficients of a piece are powers, and their slopes. */
import { describe, expect, test } from 'vitest';
import { pieceWeights } from './pieces.js';

const float64 = { of: (x: number) => x, mul: (a: number, b: number) => a * b };

describe.each([2, 3, 5, 8])('%d terms', (terms) => {
  const coefficients = Array.from({ length: terms }, (_, k) => Math.cos(3 * k));

  test.each([0, 1] as const)('order %d', (order) => {
    for (const x of [-0.7, 0, 0.2, 1.3]) {
      const weights = pieceWeights(float64, order, terms, x);
      expect(weights.length).toBe(terms - 1 - order);
      const found = weights.reduce(
        (sum, weight, i) => sum + weight * coefficients[order + 1 + i]!,
        coefficients[order]!,
      );
      const exact = coefficients.reduce(
        (sum, c, k) => sum + (order === 0 ? c * x ** k : k === 0 ? 0 : k * c * x ** (k - 1)),
        0,
      );
      expect(found).toBeCloseTo(exact, 13);
    }
  });
});
