/** A chain of Nosé–Hoover thermostats for each structure, with the numbers of `ase.md.nose_hoover_chain.NoseHooverChainNVT` (ASE 3.29). */
import { kineticEnergies, scaleMomenta } from '../atoms.js';
import { Chain } from './chain.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';
import { nve } from './nve.js';

export function noseHoover(settings: EnsembleSettings): Ensemble {
  const { atoms, timestep, thermalEnergy, thermostatTime } = settings;
  const { before, after, heat } = nve(settings);
  const variables = new Float64Array(Chain.variables * heat.length);
  const chains = Array.from(
    heat,
    (_, g) =>
      new Chain(atoms.freedom[g]!, thermostatTime, variables.subarray(Chain.variables * g, Chain.variables * (g + 1))),
  );
  const halfStep = (step: number): void => {
    const kT = thermalEnergy(step);
    kineticEnergies(atoms).forEach((energy, g) => {
      const chain = chains[g]!;
      heat[g]! += chain.energy(kT);
      scaleMomenta(atoms, g, chain.act(2 * energy, kT, timestep / 2));
      heat[g]! -= chain.energy(kT);
    });
  };
  return {
    heat,
    variables,
    before: (step) => {
      halfStep(step);
      before(step);
    },
    after: (step) => {
      after(step);
      halfStep(step);
    },
  };
}
