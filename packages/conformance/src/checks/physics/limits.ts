/** How far the results of a model may be from the reference, structure by structure. */
import type { Result } from '@mace/core';
import { ceilings, factors, toleranceOf, type TestedPrecision } from '../../tolerance.js';
import { quantities, type Quantity } from './deviation.js';

export type Limits = Readonly<Record<Quantity, number>>;

/** The numbers of one quantity; none where a result has no such. The energy is without those of isolated atoms, which are exact. */
export function valuesOf(result: Result, quantity: Quantity): Float64Array {
  return quantity === 'energy' ? Float64Array.of(result.interactionEnergy) : (result[quantity] ?? new Float64Array(0));
}

/** The reference in float64, and rounding to float32, on the same structures. */
export interface NoiseSample {
  readonly exact: readonly Result[];
  readonly rounded: readonly Result[];
}

/**
 * 16 times the noise of each structure, under the ceilings. In a symmetric structure forces and stress cancel, and their noise with
 * them, so no structure is held to less than the median of its model.
 *
 * @param samples - of the structures themselves, then of structures that hardly differ: one measurement may be small by chance
 */
export function limitsOf(precision: TestedPrecision, samples: readonly NoiseSample[]): Limits[] {
  const { exact } = samples[0]!;
  const noise = exact.map((_, i) =>
    each((quantity) =>
      toleranceOf(
        precision,
        factors.model,
        samples.map((sample) => ({
          exact: valuesOf(sample.exact[i]!, quantity),
          rounded: valuesOf(sample.rounded[i]!, quantity),
        })),
      ),
    ),
  );
  // Of those that have the quantity: a molecule has no stress, and no noise of it.
  const median = each((quantity) => {
    const having = noise.filter((_, i) => valuesOf(exact[i]!, quantity).length > 0);
    return having.map((one) => one[quantity]).sort((a, b) => a - b)[having.length >> 1] ?? 0;
  });
  return exact.map(({ atoms }, i) =>
    each((quantity) => {
      const ceiling = ceilings[precision][quantity] * (quantity === 'energy' ? Math.max(1, atoms) : 1);
      return Math.min(ceiling, Math.max(noise[i]![quantity], median[quantity]));
    }),
  );
}

function each(value: (quantity: Quantity) => number): Limits {
  return Object.fromEntries(quantities.map((quantity) => [quantity, value(quantity)])) as unknown as Limits;
}
