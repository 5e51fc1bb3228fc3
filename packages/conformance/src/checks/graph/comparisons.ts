/** How a result is compared with the reference: as a whole, number by number, or where numbers are special. */
import { concreteShape, type RealArray, type RunInputs } from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import type { Sample } from '../../subject.js';
import type { NoiseLevel } from './laboratory.js';
import {
  factors,
  fraction,
  largestDifference,
  largestNoise,
  noiseOfNumber,
  toleranceOfNoise,
  toleranceOfNumber,
  type NoiseOfTensor,
  type TestedPrecision,
} from '../../tolerance.js';

export interface Judged {
  /** Largest error as a fraction of what is allowed. */
  readonly worst: number;
  readonly problem?: string;
}

/** Measures noise, for results that are off by more than the last places, level by level until it explains them. Most need none. */
type Measure = (level: NoiseLevel) => Promise<readonly Sample[]>;
const levels = [0, 1, 2, 3] as const;

/** Errors against the noise and the size of the whole output. */
export async function together(
  precision: TestedPrecision,
  wanted: RealArray,
  found: RealArray,
  output: string,
  measure: Measure,
): Promise<Judged> {
  const error = largestDifference(wanted, found);
  if (error === 0) return { worst: 0 };
  let tolerance = 0;
  for (const level of levels) {
    const noise = level === 0 ? 0 : largestNoise(samplesOf(output, await measure(level)));
    tolerance = toleranceOfNoise(precision, factors.ops, noise, wanted);
    if (error <= tolerance) break;
  }
  const worst = fraction(error, tolerance);
  return error > tolerance
    ? {
        worst,
        problem: `is off by ${error.toExponential(2)}; ${tolerance.toExponential(2)} is allowed (${place(wanted, found)}).`,
      }
    : { worst };
}

/** Each number against its own size and noise, so that small ones count beside large ones. */
export async function numberwise(
  precision: TestedPrecision,
  wanted: RealArray,
  found: RealArray,
  output: string,
  measure: Measure,
): Promise<Judged> {
  let most = { worst: 0, at: 0 };
  for (const level of levels) {
    const noise = level === 0 ? null : noiseBySize(samplesOf(output, await measure(level)));
    most = { worst: 0, at: 0 };
    for (let i = 0; i < wanted.length; i++) {
      const tolerance = toleranceOfNumber(precision, factors.ops, noise?.[i] ?? 0, wanted[i]!);
      const part = fraction(Math.abs(wanted[i]! - found[i]!), tolerance);
      if (!(part <= most.worst)) most = { worst: part, at: i };
    }
    if (most.worst <= 1) break;
  }
  const { worst, at } = most;
  return worst <= 1
    ? { worst }
    : { worst, problem: `value ${at} of ${wanted.length}: expected ${wanted[at]}, got ${found[at]}.` };
}

/** Of each number the largest noise of those that are no larger: one alone may be right by chance. */
function noiseBySize(samples: readonly NoiseOfTensor[]): Float64Array {
  const { exact } = samples[0]!;
  const own = Float64Array.from(exact, (_, i) => Math.max(...samples.map((sample) => noiseOfNumber(sample, i))));
  const order = Array.from(exact.keys()).sort((i, j) => Math.abs(exact[i]!) - Math.abs(exact[j]!));
  let largest = 0;
  for (const i of order) own[i] = largest = Math.max(largest, own[i]!);
  return own;
}

/**
 * Special values as IEEE 754 has them. A number that is not finite stays so: exactly where the op works number by number; in
 * its row elsewhere, where ∞ may become NaN (an op that is made of others multiplies rows by zeros and ones). Rows that hold
 * nothing special are as ever. The sign of a zero is free.
 */
export function finiteness(
  precision: TestedPrecision,
  graph: Graph,
  output: string,
  { values, dims }: RunInputs,
  wanted: RealArray,
  found: RealArray,
): Judged {
  const numberByNumber = graph.inputs.every(
    ({ attributes: { name } }) => (values[name] as RealArray).length === wanted.length,
  );
  const [first] = concreteShape(graph.outputs[output]!.type.shape, dims);
  const width = wanted.length / (first || 1);
  const unfinite = (array: RealArray, start: number, size: number): boolean =>
    array.subarray(start, start + size).some((y: number) => !Number.isFinite(y));
  // Rows of the inputs that have as many.
  const beside = graph.inputs.flatMap(({ attributes: { name }, type }) => {
    const array = values[name] as RealArray;
    return concreteShape(type.shape, dims)[0] === first ? [{ array, size: array.length / (first || 1) }] : [];
  });
  const inSpecialRow = (i: number): boolean => {
    const row = Math.floor(i / width);
    return unfinite(wanted, row * width, width) || beside.some(({ array, size }) => unfinite(array, row * size, size));
  };
  for (let i = 0; i < wanted.length; i++) {
    const [y, z] = [wanted[i]!, found[i]!];
    const size = Math.max(1, Math.abs(y));
    const fits = Number.isFinite(y)
      ? Math.abs(y - z) <= toleranceOfNumber(precision, factors.ops, 0, size) ||
        (!numberByNumber && !Number.isFinite(z) && inSpecialRow(i))
      : Object.is(y, z) || (!numberByNumber && !Number.isFinite(z));
    const lost = z === 0 && Math.abs(y) >= smallest[precision];
    if (!fits || lost) return { worst: Infinity, problem: `value ${i} of ${wanted.length}: expected ${y}, got ${z}.` };
  }
  return { worst: 0 };
}

/** Each number to the last places of one. */
export function besideSteps(precision: TestedPrecision, wanted: RealArray, found: RealArray): Judged {
  const worst = fraction(largestDifference(wanted, found), toleranceOfNumber(precision, factors.ops, 0, 1));
  return worst <= 1 ? { worst } : { worst, problem: `${place(wanted, found)}.` };
}

/** Smallest number that is not zero. */
const smallest = { f64: Number.MIN_VALUE, f32: 2 ** -149 } as const;

function samplesOf(name: string, samples: readonly Sample[]): NoiseOfTensor[] {
  return samples.map(({ exact, rounded }) => ({ exact: exact[name]!, rounded: rounded[name]! }));
}

/** Where the largest difference is. */
function place(wanted: RealArray, found: RealArray): string {
  let at = 0;
  for (let i = 0; i < wanted.length; i++)
    if (Math.abs(wanted[i]! - found[i]!) > Math.abs(wanted[at]! - found[at]!)) at = i;
  return `value ${at} of ${wanted.length}: expected ${wanted[at]}, got ${found[at]}`;
}
