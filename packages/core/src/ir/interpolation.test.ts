/** Hermite interpolation reproduces every polynomial that it can have, and its slope. */
import { describe, expect, test } from 'vitest';
import { hermiteWeights, prepareKnots, weightedRows } from './interpolation.js';

const float64 = { of: (x: number) => x, add: (a: number, b: number) => a + b, mul: (a: number, b: number) => a * b };

describe.each([2, 3, 4, 5])('%d derivatives', (derivatives) => {
  const range = [0.5, 2.3] as const;
  const knots = 4;
  const spacing = (range[1] - range[0]) / (knots - 1);
  const power = 2 * derivatives - 1;
  /** Derivative `n` of (r - 1)^power. */
  const exact = (n: number, r: number): number =>
    Array.from({ length: n }, (_, i) => power - i).reduce((a, b) => a * b, 1) * (r - 1) ** (power - n);
  const data = Float64Array.from({ length: knots * derivatives }, (_, i) =>
    exact(i % derivatives, range[0] + spacing * Math.floor(i / derivatives)),
  );
  const prepared = new Float64Array(knots * (derivatives + 1));
  prepareKnots(data, prepared, { knots, derivatives, functions: 1, range });

  test.each([0, 1] as const)('order %d', (order) => {
    for (const part of [0, 0.2, 0.5, 0.9, 1]) {
      const start = (derivatives + 1) * 1;
      const weights = hermiteWeights(float64, { derivatives, order, spacing }, part);
      const rows = weightedRows(derivatives);
      expect(weights.length).toBe(rows.length);
      const sum = weights.reduce((a, weight, i) => a + weight * prepared[start + rows[i]!]!, 0);
      const found = order === 0 ? prepared[start]! + sum : sum;
      expect(found).toBeCloseTo(exact(order, range[0] + spacing * (1 + part)), 13);
    }
  });
});
