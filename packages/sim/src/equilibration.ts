/** The first steps of a run, in which momenta are scaled to the temperature every so often, as janus-core does. */
import { kineticEnergy, scaleMomenta, type Atoms } from './atoms.js';
import type { Ensemble } from './ensembles/ensemble.js';
import { removeDriftAndRotation } from './maxwell-boltzmann.js';
import type { CheckedOptions } from './options.js';
import { valueAt } from './ramp.js';
import { boltzmannConstant } from './units.js';

/** An ensemble that is helped along in the beginning; what scaling gives counts as heat. */
export function equilibrated(
  ensemble: Ensemble,
  atoms: Atoms,
  { equilibration, temperature }: CheckedOptions,
  isPeriodic: readonly boolean[],
): Ensemble {
  const { steps, rescaleEvery = 10, removeRotation = false } = equilibration!;
  return {
    movesCells: ensemble.movesCells ?? false,
    heat: ensemble.heat,
    variables: ensemble.variables,
    before: (step) => ensemble.before(step),
    after: (step) => {
      ensemble.after(step);
      if (step > steps || step % rescaleEvery !== 0) return;
      isPeriodic.forEach((is, g) => {
        const before = kineticEnergy(atoms, g);
        removeDriftAndRotation(atoms, g, removeRotation && !is);
        const wanted = 0.5 * atoms.freedom[g]! * boltzmannConstant * valueAt(temperature!, step);
        const left = kineticEnergy(atoms, g);
        if (left > 0) scaleMomenta(atoms, g, Math.sqrt(wanted / left));
        ensemble.heat[g]! += kineticEnergy(atoms, g) - before;
      });
    },
  };
}
