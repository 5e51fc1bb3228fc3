/** A model on the backend against upstream MACE: within the ceilings, which leave no room for another architecture. */
import { createCalculator } from '@mace/core';
import type { GoldenCase, Problem, Verdict } from '../case.js';
import type { GoldenEntry } from '../golden/entry.js';
import type { Subject } from '../subject.js';
import { ceilings, fraction, largestDifference } from '../tolerance.js';

export async function checkGolden(subject: Subject, { entry }: GoldenCase): Promise<Verdict> {
  const { structure, expected, head } = entry;
  const calculator = await createCalculator({
    model: await entry.model(),
    backend: await subject.backend(),
    precision: subject.precision,
  });
  try {
    const found = await calculator.evaluate(structure, head === undefined ? {} : { head });
    const atoms = structure.numbers.length;
    const errors = {
      energy: Math.abs(found.energy - expected.energy) / atoms,
      forces: largestDifference(found.forces!, expected.forces),
      ...(expected.stress && { stress: largestDifference(found.stress ?? [], expected.stress) }),
    };
    const virial = expected.virial ? { virial: largestDifference(found.virial!, expected.virial) } : {};
    const problems: Problem[] = [];
    let worst = 0;
    for (const [quantity, error] of Object.entries({ ...errors, ...virial })) {
      const limit = limitOf(subject, entry, quantity);
      worst = Math.max(worst, fraction(error, limit));
      if (!(error <= limit))
        problems.push({
          check: `golden/${quantity}`,
          message: `${quantity} differs from mace-torch by ${error.toExponential(2)}${quantity === 'energy' ? ' per atom' : ''}; ${limit} is allowed.`,
        });
    }
    return { worst, problems, measured: errors };
  } finally {
    await calculator.dispose();
  }
}

/** The ceiling; in float32, twice the error of upstream where that is more. */
function limitOf({ precision }: Subject, { expected, float32, structure }: GoldenEntry, quantity: string): number {
  const { energy, forces, stress } = ceilings[precision];
  if (quantity === 'energy') return energy;
  if (quantity === 'forces') return forces;
  // A virial is a stress times a volume: it is held to the limit of forces, per atom.
  if (quantity === 'virial') return forces * structure.numbers.length;
  const [exact, rounded] = [expected.stress, float32?.stress];
  return precision === 'f32' && exact && rounded ? Math.max(stress, 2 * largestDifference(exact, rounded)) : stress;
}
