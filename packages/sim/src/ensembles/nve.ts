/** Energy is kept: velocity Verlet, as `ase.md.verlet.VelocityVerlet` rounds it. */
import { drift, kick } from '../atoms.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';

export function nve({ atoms, timestep }: EnsembleSettings): Ensemble {
  return {
    heat: new Float64Array(atoms.offsets.length - 1),
    variables: new Float64Array(0),
    before: () => {
      kick(atoms, 0.5 * timestep);
      drift(atoms, timestep);
    },
    after: () => kick(atoms, 0.5 * timestep),
  };
}
