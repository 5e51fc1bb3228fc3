/**
 * Constant pressure by stochastic rescaling of the cell: isotropic, Bernetti, Bussi, J. Chem. Phys. 153, 114107 (2020), with λ = √V, whose
 * noise does not depend on it; and of its shape too, Del Tatto, Raiteri, Bernetti, Bussi, Appl. Sci. 12, 1139 (2022), with strains that do
 * not turn the cell. Noise is the mean of that of this step and of the next (Leimkuhler, Matthews, 2013, see `langevin.ts`): where volumes
 * are harmonic they have their variance whatever the time step. Equations are derived here from the density exp(−(H + P·V)/kT) dV.
 */
import { StructureError } from '@mace/core';
import { drift, kick, kineticEnergy } from '../atoms.js';
import { isHeldTogether } from '../constraints/bonds.js';
import { contract, exponential, identity, trace } from '../matrices.js';
import { purpose, type RandomStream } from '../random.js';
import { refuse } from '../refuse.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';
import { frictionAndNoise } from './langevin.js';
import { RigidGroups } from './rigid-groups.js';
import { canonicalRescaling } from './velocity-rescaling.js';

export function cellRescaling(settings: EnsembleSettings): Ensemble {
  const { atoms, timestep, streams, thermostat } = settings;
  const heat = new Float64Array(streams.length);
  const thermalize = (thermostat === 'langevin' ? frictionAndNoise : canonicalRescaling)(settings, heat);
  const cells = streams.map((stream, g) => new RescaledCell(settings, stream, g));
  return {
    movesCells: true,
    heat,
    variables: new Float64Array(0),
    before: (step) => {
      for (const cell of cells) cell.takeForces();
      kick(atoms, 0.5 * timestep);
      drift(atoms, 0.5 * timestep);
      thermalize(step);
      cells.forEach((cell, g) => (heat[g]! += cell.rescale(step)));
      drift(atoms, 0.5 * timestep);
    },
    after: () => {
      for (const cell of cells) cell.takeForces();
      cells.forEach((cell, g) => (heat[g]! += cell.halfOfWork));
      kick(atoms, 0.5 * timestep);
    },
  };
}

class RescaledCell {
  readonly #groups: RigidGroups;
  /** ∂U/∂ε of the last forces [9], eV. */
  #slope: Float64Array = new Float64Array(9);
  /** ε: ln of the last stretch [9]. */
  #strain: Float64Array = new Float64Array(9);

  constructor(
    readonly settings: EnsembleSettings,
    readonly stream: RandomStream,
    readonly g: number,
  ) {
    if (!settings.atoms.constraints[g]!.every(isHeldTogether))
      refuse(
        `a constraint of structure ${g}`,
        'one that holds atoms in their places',
        'bonds only where a barostat moves the cell; take an ensemble at constant volume',
      );
    this.#groups = new RigidGroups(settings.atoms, g);
  }

  /** To be called with forces of where atoms are. */
  takeForces(): void {
    this.#slope = this.#groups.slope();
  }

  /** Of the last stretch on the potential energy, by the last forces, eV: the other half is by those on the other side of it. */
  get halfOfWork(): number {
    return 0.5 * contract(this.#slope, this.#strain);
  }

  /** @returns what it gives, without the half of the work that is by the next forces, eV */
  rescale(step: number): number {
    const { atoms } = this.settings;
    this.#strain = this.#drawStrain(step);
    const before = kineticEnergy(atoms, this.g);
    this.#groups.stretch(exponential(this.#strain), exponential(this.#strain.map((value) => -value)));
    return kineticEnergy(atoms, this.g) - before + this.halfOfWork;
  }

  #drawStrain(step: number): Float64Array {
    const { timestep, barostatTime, bulkModulus, anisotropic, pressure, thermalEnergy } = this.settings;
    const kT = thermalEnergy(step);
    const { volume } = this.#groups;
    const inside = this.#groups.kineticTensor();
    for (let k = 0; k < 9; k++) inside[k] = (inside[k]! - this.#slope[k]!) / volume;
    const rate = timestep / (bulkModulus * barostatTime);
    const noise = this.#noise(step, anisotropic ? 7 : 1);
    // dλ = λ/2·(p − P + kT/2V)·dt/(B·τ) + √(kT/2·dt/(B·τ))·R, and growth = dλ/λ.
    const excess = trace(inside) / 3 - pressure(step, this.g) + kT / (2 * volume);
    const growth = 0.5 * rate * excess + Math.sqrt((0.5 * kT * rate) / volume) * noise[0]!;
    if (!(Math.abs(growth) < mostGrowth))
      throw new StructureError(
        `Step ${step}: the barostat would change the volume of structure ${this.g} from ${volume} Å³ by a factor of ${(1 + growth) ** 2} at once. Relax the structure first, or take a longer barostatTime or a larger bulkModulus.`,
      );
    const swelling = (2 / 3) * Math.log1p(growth);
    const strain = identity(3).map((one) => one * swelling);
    if (!anisotropic) return strain;
    // dε = (p − P)/3·dt/(B·τ) + √(2kT/3V·dt/(B·τ))·R for each of nine numbers, of which the symmetric ones count; the trace is above.
    const size = Math.sqrt((2 * kT * rate) / (3 * volume));
    const shape = inside.map(
      (value, k) => (rate / 3) * value + size * noise[places[k]!]! * (k % 4 === 0 ? 1 : Math.SQRT1_2),
    );
    return strain.map((value, k) => value + shape[k]! - (k % 4 === 0 ? trace(shape) / 3 : 0));
  }

  /** One number of the volume, and six of a symmetric matrix where they are wanted. */
  #noise(step: number, count: number): Float64Array {
    const noise = this.stream.normal(new Float64Array(count), step, 0, purpose.barostat);
    const next = this.stream.normal(new Float64Array(count), step + 1, 0, purpose.barostat);
    for (let k = 0; k < count; k++) noise[k] = 0.5 * (noise[k]! + next[k]!);
    return noise;
  }
}

/** Of √V in one step, relative to it: beyond it a barostat is not stable. */
const mostGrowth = 0.3;
/** Which of the numbers of noise stands where in a symmetric matrix. */
const places = [1, 4, 5, 4, 2, 6, 5, 6, 3];
