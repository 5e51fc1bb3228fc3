/** From numbers to a verdict: results against the reference, and what a law finds against its noise. */
import type { Result } from '@mace/core';
import { ceilings, factors, fraction, largestDifference, toleranceOf, type TestedPrecision } from '../../tolerance.js';
import { Deviation, quantities, type Quantity } from './deviation.js';
import { limitsOf, valuesOf, type Limits, type NoiseSample } from './limits.js';

/** A verdict whose problems have no check's name yet. */
export interface Judgement {
  readonly worst: number;
  readonly problems: string[];
  readonly measured: Readonly<Record<Quantity, number>>;
}

/**
 * Results against the reference. Noise is measured where the last places do not explain a difference.
 *
 * @param where - names a structure in a message
 */
export async function againstReference(
  precision: TestedPrecision,
  actual: readonly Result[],
  exact: readonly Result[],
  noise: () => Promise<readonly NoiseSample[]>,
  where: (i: number) => string,
): Promise<Judgement> {
  const strict = compared(actual, exact, limitsOf(precision, [{ exact, rounded: exact }]), where);
  return strict.problems.length === 0 ? strict : compared(actual, exact, limitsOf(precision, await noise()), where);
}

function compared(
  actual: readonly Result[],
  exact: readonly Result[],
  limits: readonly Limits[],
  where: (i: number) => string,
): Judgement {
  const problems: string[] = [];
  const measured = { energy: 0, forces: 0, stress: 0 };
  let worst = 0;
  exact.forEach((wanted, i) => {
    for (const quantity of quantities) {
      const limit = limits[i]![quantity];
      const error = largestDifference(valuesOf(actual[i]!, quantity), valuesOf(wanted, quantity));
      const shown = quantity === 'energy' ? error / Math.max(1, wanted.atoms) : error;
      measured[quantity] = Math.max(measured[quantity], shown);
      worst = Math.max(worst, fraction(error, limit));
      if (!(error <= limit)) problems.push(`${quantity} of ${where(i)}: ${off(error, limit)}`);
    }
  });
  return { worst, problems, measured };
}

export interface LawOptions {
  /** The reference on the structures of the model, several times. */
  readonly noise: () => Promise<readonly NoiseSample[]>;
  /** What the law finds on the reference in float64. Default nothing. */
  readonly exact?: () => Promise<Deviation>;
  /** Limits that do not depend on noise. */
  readonly fixed?: Partial<Record<Quantity, number>>;
  /** Times the noise. Default 32, because a law compares two results. */
  readonly factor?: number;
}

/** What a law finds on a backend, against the noise of what it compares, under the ceilings. */
export async function withinNoise(
  precision: TestedPrecision,
  found: Deviation,
  { noise, exact, fixed = {}, factor = 2 * factors.model }: LawOptions,
): Promise<Judgement> {
  const strict = held(precision, found, [], new Deviation(), fixed, factor);
  if (strict.problems.length === 0) return strict;
  return held(precision, found, await noise(), (await exact?.()) ?? new Deviation(), fixed, factor);
}

function held(
  precision: TestedPrecision,
  found: Deviation,
  samples: readonly NoiseSample[],
  exact: Deviation,
  fixed: Partial<Record<Quantity, number>>,
  factor: number,
): Judgement {
  const problems: string[] = [];
  let worst = 0;
  for (const quantity of quantities) {
    const scale = Math.max(exact.scale[quantity], found.scale[quantity]);
    const measured = toleranceOf(precision, factor, [
      { exact: Float64Array.of(scale), rounded: Float64Array.of(scale + largestNoise(samples, quantity)) },
    ]);
    // A law compares two results, so twice the ceiling. What the model itself does (the energy of attention blocks jumps at the
    // cut-off) is no fault of a backend, so it is allowed on top.
    const ceiling = 2 * ceilings[precision][quantity] * (quantity === 'energy' ? found.atoms : 1);
    const limit = fixed[quantity] ?? Math.max(Math.min(ceiling, measured), factor * exact.error[quantity]);
    const error = found.error[quantity];
    worst = Math.max(worst, fraction(error, limit));
    if (!(error <= limit)) problems.push(`${quantity}, ${found.at[quantity]}: ${off(error, limit)}`);
  }
  return { worst, problems, measured: { ...found.error } };
}

/** Of the structures of a model, that whose result is rounded most. */
function largestNoise(samples: readonly NoiseSample[], quantity: Quantity): number {
  return Math.max(
    0,
    ...samples.flatMap(({ exact, rounded }) =>
      exact.map((result, i) => largestDifference(valuesOf(result, quantity), valuesOf(rounded[i]!, quantity))),
    ),
  );
}

function off(error: number, limit: number): string {
  return `off by ${error.toExponential(2)}; ${limit.toExponential(2)} is allowed.`;
}
