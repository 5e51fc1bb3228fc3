/**
 * Constant pressure by a cell that breathes with a mass of its own: Martyna, Tobias, Klein, J. Chem. Phys. 101, 4177 (1994), isotropic.
 * `npt-mtk` has chains of thermostats on atoms and cell, with the numbers of `ase.md.nose_hoover_chain.IsotropicMTKNPT` (ASE 3.29); `nph`
 * has none and keeps the enthalpy.
 */
import { kineticEnergy, scaleMomenta } from '../atoms.js';
import { trace, volume } from '../matrices.js';
import { Chain } from './chain.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';

export function martynaTobiasKlein(settings: EnsembleSettings): Ensemble {
  return breathing(settings, true);
}

export function constantEnthalpy(settings: EnsembleSettings): Ensemble {
  return breathing(settings, false);
}

function breathing(settings: EnsembleSettings, isThermal: boolean): Ensemble {
  const { offsets } = settings.atoms;
  const size = Breath.variables;
  const variables = new Float64Array(size * (offsets.length - 1));
  const breaths = Array.from(
    { length: offsets.length - 1 },
    (_, g) => new Breath(settings, isThermal, g, variables.subarray(size * g, size * (g + 1))),
  );
  const heat = Float64Array.from(breaths, (breath) => -breath.energy(0));
  return {
    movesCells: true,
    heat,
    variables,
    before: (step) =>
      breaths.forEach((breath, g) => {
        heat[g]! += breath.energy(step);
        breath.before(step);
      }),
    after: (step) =>
      breaths.forEach((breath, g) => {
        breath.after(step);
        heat[g]! -= breath.energy(step);
      }),
  };
}

/** The cell of one structure, and its thermostats. */
class Breath {
  /** Momentum, first volume, two chains. */
  static readonly variables = 2 + 2 * Chain.variables;
  readonly #ofAtoms: Chain;
  readonly #ofCell: Chain;

  /** @param variables - in place */
  constructor(
    readonly settings: EnsembleSettings,
    readonly isThermal: boolean,
    readonly g: number,
    readonly variables: Float64Array,
  ) {
    const { atoms, thermostatTime, barostatTime } = settings;
    const chains = variables.subarray(2);
    this.#ofAtoms = new Chain(isThermal ? atoms.freedom[g]! : 0, thermostatTime, chains.subarray(0, Chain.variables));
    this.#ofCell = new Chain(isThermal ? 1 : 0, barostatTime, chains.subarray(Chain.variables), 9);
    variables[1] = this.#volume;
  }

  /** Of cell and thermostats, eV. */
  energy(step: number): number {
    const kT = this.settings.thermalEnergy(step);
    const moving = this.variables[0]! ** 2 / (2 * this.#mass(step));
    return (
      this.settings.pressure(step, this.g) * this.#volume + moving + this.#ofAtoms.energy(kT) + this.#ofCell.energy(kT)
    );
  }

  before(step: number): void {
    this.#thermostatCell(step);
    this.#thermostatAtoms(step);
    this.#pushCell(step);
    this.#kick(step);
    this.#drift(step);
  }

  after(step: number): void {
    this.#kick(step);
    this.#pushCell(step);
    this.#thermostatAtoms(step);
    this.#thermostatCell(step);
  }

  get #cell(): Float64Array {
    return this.settings.atoms.cells.subarray(9 * this.g, 9 * this.g + 9);
  }

  get #volume(): number {
    return volume(this.settings.atoms.cells, 9 * this.g);
  }

  /** That of ASE's barostat; without a temperature one that gives a cell of the bulk modulus a pulse of the barostat's time. */
  #mass(step: number): number {
    const { atoms, barostatTime, bulkModulus, thermalEnergy } = this.settings;
    return this.isThermal
      ? (atoms.freedom[this.g]! + 3) * thermalEnergy(step) * barostatTime ** 2
      : 3 * this.variables[1]! * bulkModulus * barostatTime ** 2;
  }

  #thermostatCell(step: number): void {
    const { thermalEnergy, timestep } = this.settings;
    const twice = this.variables[0]! ** 2 / this.#mass(step);
    this.variables[0]! *= this.#ofCell.act(twice, thermalEnergy(step), timestep / 2);
  }

  #thermostatAtoms(step: number): void {
    const { thermalEnergy, timestep } = this.settings;
    scaleMomenta(this.settings.atoms, this.g, this.#ofAtoms.act(this.#twiceKinetic, thermalEnergy(step), timestep / 2));
  }

  get #twiceKinetic(): number {
    return 2 * kineticEnergy(this.settings.atoms, this.g);
  }

  /** Half a step of the momentum of the cell. */
  #pushCell(step: number): void {
    const { atoms, pressure, timestep } = this.settings;
    const twice = this.#twiceKinetic;
    const virial = -this.#volume * trace(atoms.stresses.subarray(9 * this.g, 9 * this.g + 9));
    const pull = twice + virial - 3 * this.#volume * pressure(step, this.g) + (3 / atoms.freedom[this.g]!) * twice;
    this.variables[0]! += (timestep / 2) * pull;
  }

  /** Half a step of forces, while the momenta shrink as the cell grows. */
  #kick(step: number): void {
    const { atoms, timestep } = this.settings;
    const { momenta, forces, offsets, freedom } = atoms;
    const x = ((1 + 3 / freedom[this.g]!) * this.variables[0]! * timestep) / 2 / this.#mass(step);
    const [shrink, push] = [Math.exp(-x), (timestep / 2) * relativeExponential(-x)];
    for (let i = 3 * offsets[this.g]!; i < 3 * offsets[this.g + 1]!; i++)
      momenta[i] = momenta[i]! * shrink + push * forces[i]!;
  }

  /** A step of positions and cell. */
  #drift(step: number): void {
    const { atoms, timestep } = this.settings;
    const { positions, momenta, masses, offsets } = atoms;
    const x = (timestep * this.variables[0]!) / this.#mass(step);
    const [grow, way] = [Math.exp(x), timestep * relativeExponential(x)];
    for (let i = 3 * offsets[this.g]!; i < 3 * offsets[this.g + 1]!; i++)
      positions[i] = positions[i]! * grow + (way * momenta[i]!) / masses[Math.floor(i / 3)]!;
    this.#cell.forEach((value, k, cell) => (cell[k] = value * grow));
  }
}

/** (eˣ − 1)/x. */
function relativeExponential(x: number): number {
  return x === 0 ? 1 : Math.expm1(x) / x;
}
