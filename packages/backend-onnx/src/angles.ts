/**
 * Sine and cosine of float32 from sums and products, right to two units in the last place. WebGPU allows a device errors of
 * 2⁻¹¹ in its own (WGSL specification, accuracy of expressions).
 *
 * x = kπ + r with |r| ≤ π/2: sin x = (−1)^k sin r. x = (k + ½)π + r: cos x = −(−1)^k sin r.
 */
import type { Context } from './context.js';
import { operators } from './operators.js';

export function sine(context: Context, x: string): string {
  const { mul, floor, add } = operators(context);
  const k = floor(add(mul(x, 1 / Math.PI), 0.5));
  return mul(alternating(context, k, 1), nearZero(context, reduced(context, x, k)));
}

export function cosine(context: Context, x: string): string {
  const { mul, floor, add } = operators(context);
  const k = floor(mul(x, 1 / Math.PI));
  return mul(alternating(context, k, -1), nearZero(context, reduced(context, x, add(k, 0.5))));
}

/** π in three parts; the first two have few enough bits that whole and half multiples up to 2¹² are exact. */
const piParts = [201 / 64, 1015 / 2 ** 20, Math.PI - 201 / 64 - 1015 / 2 ** 20] as const;

/** Taylor coefficients of (sin r)/r − 1 in r², as far as float32 sees them at π/2. */
const taylor = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800] as const;

/** x − k π. */
function reduced(context: Context, x: string, k: string): string {
  const { sub, mul } = operators(context);
  return piParts.reduce((rest, part) => sub(rest, mul(k, part)), x);
}

/** sign · (−1)^k. */
function alternating(context: Context, k: string, sign: number): string {
  const { sub, mul, floor } = operators(context);
  const odd = sub(k, mul(floor(mul(k, 0.5)), 2));
  return sub(sign, mul(odd, 2 * sign));
}

/** sin r for |r| ≤ π/2. */
function nearZero(context: Context, r: string): string {
  const { add, mul } = operators(context);
  const square = mul(r, r);
  const series = taylor.reduceRight<string | number>((sum, c) => (sum === 0 ? c : add(mul(sum, square), c)), 0);
  return add(r, mul(r, mul(square, series)));
}
