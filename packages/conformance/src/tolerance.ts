/**
 * How far a result may be from the reference: measured for each case, not chosen.
 *
 * The noise floor is the difference between the reference in float64 and the reference that rounds to float32 after every
 * elementary operation, of the graph as it is written or of the same graph made of primitive ops, whichever is larger. Rounding errors are proportional to the unit roundoff, so the floor of float64 is that of float32
 * times 2⁻²⁹. A tolerance is a factor times the floor, at least the factor times 4 units in the last place of the result's rms.
 */
import type { RealArray } from '@mace/core/backend';

export type TestedPrecision = 'f64' | 'f32';

/** Times the floor, for a graph of a few ops and for a whole model. */
export const factors = { ops: 8, model: 16 } as const;

/** No noise excuses more (eV/atom, eV/Å, eV/Å³). */
export const ceilings = {
  f64: { energy: 1e-9, forces: 1e-8, stress: 1e-10 },
  f32: { energy: 2e-5, forces: 5e-4, stress: 5e-6 },
} as const;

const unitInTheLastPlace = { f64: 2 ** -52, f32: 2 ** -23 } as const;
const floorOfPrecision = { f64: 2 ** -29, f32: 1 } as const;

/**
 * Tolerance of one tensor.
 *
 * @param exact - the reference in float64
 * @param rounded - the reference rounded to float32, once or several times with inputs that differ in the last place;
 *   `exact` must then be given for each
 */
export function toleranceOf(precision: TestedPrecision, factor: number, samples: readonly NoiseOfTensor[]): number {
  return toleranceOfNoise(precision, factor, largestNoise(samples), samples[0]!.exact);
}

/** One measurement of the noise of a tensor. */
export interface NoiseOfTensor {
  /** The reference in float64. */
  readonly exact: RealArray;
  /** The reference rounding to float32, or disturbed by as much. */
  readonly rounded: RealArray;
}

/** Largest noise of any number in any sample. */
export function largestNoise(samples: readonly NoiseOfTensor[]): number {
  let largest = 0;
  for (const sample of samples)
    for (let i = 0; i < sample.exact.length; i++) largest = Math.max(largest, noiseOfNumber(sample, i));
  return largest;
}

/** Noise of one number; none where it is beyond the range of float32, which says nothing of how it is rounded. */
export function noiseOfNumber({ exact, rounded }: NoiseOfTensor, i: number): number {
  const size = Math.abs(exact[i]!);
  const shown = size === 0 || (size >= leastSingle && size <= largestSingle);
  return shown ? Math.abs(exact[i]! - rounded[i]!) : 0;
}

/** Smallest number of float32 that is not subnormal, and the largest. */
const leastSingle = 2 ** -126;
const largestSingle = (2 - 2 ** -23) * 2 ** 127;

/** Tolerance of a tensor whose noise is known. */
export function toleranceOfNoise(precision: TestedPrecision, factor: number, noise: number, exact: RealArray): number {
  return factor * Math.max(noise * floorOfPrecision[precision], 4 * unitInTheLastPlace[precision] * rms(exact));
}

/** Tolerance of one number with a noise and a size of its own. */
export function toleranceOfNumber(precision: TestedPrecision, factor: number, noise: number, size: number): number {
  return factor * Math.max(noise * floorOfPrecision[precision], 4 * unitInTheLastPlace[precision] * Math.abs(size));
}

/** Largest |a − b|; infinite where one is NaN or infinite and the other is not the same. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const difference = Object.is(x, y) || x === y ? 0 : Math.abs(x - y);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

/** Root of the mean square; 0 of nothing. */
export function rms(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return values.length === 0 ? 0 : Math.sqrt(sum / values.length);
}

/** An error as a fraction of its tolerance: 0 where there is none, even if nothing is allowed. */
export function fraction(error: number, tolerance: number): number {
  return error === 0 ? 0 : error / tolerance;
}
