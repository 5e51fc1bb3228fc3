/**
 * Friction and noise on every atom, split as kick, drift, noise, drift, kick (BAOAB): Leimkuhler, Matthews, "Rational construction of
 * stochastic numerical methods for molecular sampling", Appl. Math. Res. Express 2013, 34, equations 10 to 14; with constraints as in
 * Leimkuhler, Matthews, Proc. R. Soc. A 472, 20160138 (2016).
 */
import { constrainMomenta, drift, kick, kineticEnergies } from '../atoms.js';
import { purpose } from '../random.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';

export function langevin(settings: EnsembleSettings): Ensemble {
  const { atoms, timestep, streams } = settings;
  const heat = new Float64Array(streams.length);
  const noise = frictionAndNoise(settings, heat);
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

/** A whole step of friction and noise. @param heat - what it gives is added to [structures], eV */
export function frictionAndNoise(
  { atoms, timestep, thermalEnergy, friction, streams }: EnsembleSettings,
  heat: Float64Array,
): (step: number) => void {
  const { momenta, masses, offsets } = atoms;
  const kept = Math.exp(-friction * timestep);
  const drawn = new Float64Array(3);
  return (step) => {
    const renewed = Math.sqrt(thermalEnergy(step) * (1 - kept * kept));
    const before = kineticEnergies(atoms);
    streams.forEach((stream, g) => {
      for (let atom = offsets[g]!; atom < offsets[g + 1]!; atom++) {
        stream.normal(drawn, step, atom - offsets[g]!, purpose.thermostat);
        const size = renewed * Math.sqrt(masses[atom]!);
        for (let k = 0; k < 3; k++) momenta[3 * atom + k] = kept * momenta[3 * atom + k]! + size * drawn[k]!;
      }
    });
    constrainMomenta(atoms);
    kineticEnergies(atoms).forEach((energy, g) => (heat[g]! += energy - before[g]!));
  };
}
