/**
 * Friction and noise on every atom, split as kick, drift, noise, drift, kick (BAOAB): Leimkuhler, Matthews, "Rational construction of
 * stochastic numerical methods for molecular sampling", Appl. Math. Res. Express 2013, 34, equations 10 to 14.
 */
import { drift, kick, kineticEnergies } from '../atoms.js';
import { purpose } from '../random.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';

export function langevin({ atoms, timestep, thermalEnergy, friction, streams }: EnsembleSettings): Ensemble {
  const { momenta, masses, offsets } = atoms;
  const kept = Math.exp(-friction * timestep);
  const renewed = Math.sqrt(thermalEnergy * (1 - kept * kept));
  const heat = new Float64Array(streams.length);
  const drawn = new Float64Array(3);
  const noise = (step: number): void => {
    const before = kineticEnergies(atoms);
    streams.forEach((stream, g) => {
      for (let atom = offsets[g]!; atom < offsets[g + 1]!; atom++) {
        stream.normal(drawn, step, atom - offsets[g]!, purpose.thermostat);
        const size = renewed * Math.sqrt(masses[atom]!);
        for (let k = 0; k < 3; k++) momenta[3 * atom + k] = kept * momenta[3 * atom + k]! + size * drawn[k]!;
      }
    });
    kineticEnergies(atoms).forEach((energy, g) => (heat[g]! += energy - before[g]!));
  };
  return {
    heat,
    variables: new Float64Array(0),
    before: (step) => {
      kick(atoms, 0.5 * timestep);
      drift(atoms, 0.5 * timestep);
      noise(step);
      drift(atoms, 0.5 * timestep);
    },
    after: () => kick(atoms, 0.5 * timestep),
  };
}
