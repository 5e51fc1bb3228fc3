/**
 * All momenta of a structure are scaled so that its kinetic energy has the canonical distribution: Bussi, Donadio, Parrinello, J. Chem.
 * Phys. 126, 014101 (2007), equation A7. Degrees of freedom are those that temperatures are counted with, as in ASE's Bussi.
 */
import { kineticEnergies, scaleMomenta } from '../atoms.js';
import { purpose, type RandomStream } from '../random.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';
import { nve } from './nve.js';

export function velocityRescaling(settings: EnsembleSettings): Ensemble {
  const { before, after, heat, variables } = nve(settings);
  const rescale = canonicalRescaling(settings, heat);
  return {
    heat,
    variables,
    before,
    after: (step) => {
      after(step);
      rescale(step);
    },
  };
}

/** A whole step of rescaling. @param heat - what it gives is added to [structures], eV */
export function canonicalRescaling(
  { atoms, timestep, thermalEnergy, thermostatTime, streams }: EnsembleSettings,
  heat: Float64Array,
): (step: number) => void {
  const kept = Math.exp(-timestep / thermostatTime);
  return (step) =>
    kineticEnergies(atoms).forEach((energy, g) => {
      const freedom = atoms.freedom[g]!;
      if (!(energy > 0) || freedom < 1) return;
      const [one] = streams[g]!.normal(new Float64Array(1), step, 0, purpose.thermostat) as unknown as [number];
      const squares = one * one + sumOfSquares(streams[g]!, step, freedom - 1);
      const ratio = ((1 - kept) * thermalEnergy(step)) / (2 * energy);
      const scale = Math.sqrt(kept + ratio * squares + 2 * one * Math.sqrt(kept * ratio));
      // The root has two signs; equation A8.
      const sign = one + Math.sqrt(kept / ratio) < 0 ? -1 : 1;
      scaleMomenta(atoms, g, sign * scale);
      heat[g]! += (scale * scale - 1) * energy;
    });
}

/** The sum of the squares of so many normal numbers: twice a number of the gamma distribution. */
function sumOfSquares(stream: RandomStream, step: number, count: number): number {
  if (count === 0) return 0;
  if (count === 1) return stream.normal(new Float64Array(1), step, 1, purpose.thermostat)[0]! ** 2;
  // Marsaglia, Tsang, ACM Trans. Math. Softw. 26, 363 (2000), for a shape of at least one.
  const d = count / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const drawn = new Float64Array(1);
  for (let attempt = 2; ; attempt++) {
    const x = stream.normal(drawn, step, attempt, purpose.thermostat)[0]!;
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const [u] = stream.uniform(step, attempt, purpose.thermostat, 1);
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return 2 * d * v;
  }
}
