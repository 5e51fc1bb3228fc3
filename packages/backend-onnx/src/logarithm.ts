/**
 * Logarithm of float32 in shaders, right to a few units in the last place. WebGPU allows a device errors of 2⁻²¹ between ½
 * and 2 (WGSL specification, accuracy of expressions), which near 1 is more than the logarithm itself.
 *
 * There log x = 2 artanh s with s = (x − 1) / (x + 1), |s| ≤ ⅓.
 */
import type { Context } from './context.js';
import { operators } from './operators.js';

/** Taylor coefficients of (artanh s)/s in s², as far as float32 sees them at ⅓. */
const taylor = [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15] as const;

export function logarithm(context: Context, x: string): string {
  const { add, sub, mul, div, less, where, log } = operators(context);
  const s = div(sub(x, 1), add(x, 1));
  const square = mul(s, s);
  const series = taylor.reduceRight<string | number>((sum, c) => (sum === 0 ? c : add(mul(sum, square), c)), 0);
  const nearOne = mul(mul(s, 2), series);
  return where(less(square, 1 / 9), nearOne, log(x));
}
