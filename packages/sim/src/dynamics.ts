/** Molecular dynamics of a system: one structure, or many in a batch, each with its own random numbers. */
import { StructureError, UnsupportedError, type Cancellation, type System } from '@mace/core';
import { kineticEnergies, temperatures, totalStresses, volumes, type Atoms } from './atoms.js';
import type { Ensemble } from './ensembles/ensemble.js';
import { drawMomenta } from './maxwell-boltzmann.js';
import { checkedOptions, ensembles, type DynamicsOptions } from './options.js';
import { RandomStream } from './random.js';
import { boltzmannConstant, femtosecond, gigapascal, massesOf } from './units.js';

/** All that a run goes on from, to the same bits: beside it there are the options, the model and `system.order`. */
export interface DynamicsState {
  /** Steps that were made. */
  readonly step: number;
  /** Å [atoms 3] */
  readonly positions: Float64Array;
  /** √(u·eV) [atoms 3] */
  readonly momenta: Float64Array;
  /** Å, rows are lattice vectors; zeros of a structure without a cell [structures 9] */
  readonly cells: Float64Array;
  /** eV that the thermostat has given to each structure [structures] */
  readonly heat: Float64Array;
  /** Of the thermostats. */
  readonly variables: Float64Array;
}

/** Prepares dynamics, and computes the first forces. @throws UnsupportedError (`option`), StructureError, what `System.compute` throws */
export async function startDynamics(system: System, options: DynamicsOptions, from?: DynamicsState): Promise<Dynamics> {
  const { timestep, temperature = 0, friction, thermostatTime, ...checked } = checkedOptions(options);
  const structures = system.structures();
  const numbers = checked.structureNumbers ?? structures.map((_, g) => g);
  if (numbers.length !== structures.length)
    throw new UnsupportedError(
      'option',
      `structureNumbers has ${numbers.length} numbers; expected one for each of ${structures.length} structures.`,
    );
  const streams = numbers.map((number) => new RandomStream(checked.seed, number));
  const all = structures.flatMap((one) => [...one.numbers]);
  const masses = checked.masses ? Float64Array.from(checked.masses) : massesOf(all);
  if (masses.length !== all.length || !masses.every((mass) => mass > 0 && Number.isFinite(mass)))
    throw new UnsupportedError('option', `masses: expected ${all.length} numbers above 0, in u; got ${masses.length}.`);
  const atoms: Atoms = {
    offsets: system.offsets,
    masses,
    positions: Float64Array.from(structures.flatMap((one) => [...one.positions])),
    momenta: new Float64Array(3 * all.length),
    forces: new Float64Array(3 * all.length),
    cells: Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))])),
    stresses: new Float64Array(checked.stress ? 9 * structures.length : 0),
  };
  const momenta = from?.momenta ?? checked.momenta;
  if (momenta) copyInto('momenta', momenta, atoms.momenta);
  else if (temperature > 0)
    drawMomenta(
      atoms,
      temperature,
      streams,
      structures.map(({ pbc }) => pbc.some(Boolean)),
    );
  const ensemble = ensembles[checked.ensemble]({
    atoms,
    timestep: timestep * femtosecond,
    thermalEnergy: boltzmannConstant * temperature,
    friction: friction / femtosecond,
    thermostatTime: thermostatTime * femtosecond,
    streams,
  });
  if (from) {
    copyInto('positions', from.positions, atoms.positions);
    copyInto('cells', from.cells, atoms.cells);
    copyInto('heat', from.heat, ensemble.heat);
    copyInto('variables', from.variables, ensemble.variables);
    system.update(atoms.positions, atoms.cells);
  }
  const dynamics = new Dynamics(system, atoms, ensemble, from?.step ?? 0);
  await dynamics.computeForces();
  return dynamics;
}

export class Dynamics {
  /** Potential energy of each structure [structures], eV; in place. */
  readonly energies: Float64Array;
  #step: number;

  /** Made by `startDynamics`. */
  constructor(
    readonly system: System,
    /** Where atoms are now, in place. */
    readonly atoms: Atoms,
    readonly ensemble: Ensemble,
    step: number,
  ) {
    this.energies = new Float64Array(atoms.offsets.length - 1);
    this.#step = step;
  }

  /** Steps that were made. */
  get step(): number {
    return this.#step;
  }

  /**
   * Makes so many steps.
   * @param observe - called after each
   * @throws what `System.compute` throws; atoms are then where the step that failed has put them
   */
  async run(
    steps: number,
    observe?: (dynamics: Dynamics) => void | Promise<void>,
    cancellation?: Cancellation,
  ): Promise<void> {
    for (let made = 0; made < steps; made++) {
      this.ensemble.before(this.#step + 1);
      this.system.update(this.atoms.positions, this.ensemble.movesCells ? this.atoms.cells : undefined);
      await this.computeForces(cancellation);
      this.ensemble.after(++this.#step);
      await observe?.(this);
    }
  }

  /** Of each structure [structures], eV. */
  get kineticEnergies(): Float64Array {
    return kineticEnergies(this.atoms);
  }

  /** Of each structure [structures], K, with three degrees of freedom an atom, as ASE counts them. */
  get temperatures(): Float64Array {
    return temperatures(this.atoms);
  }

  /** Of each structure [structures], Å³; 0 without a cell. */
  get volumes(): Float64Array {
    return volumes(this.atoms);
  }

  /**
   * Of each structure, with what moving atoms add, positive under tension [structures 9], eV/Å³; NaN where not all three directions are
   * periodic, empty without the option `stress` or a barostat.
   */
  get stresses(): Float64Array {
    return this.atoms.stresses.length === 0 ? this.atoms.stresses : totalStresses(this.atoms);
  }

  /** −⅓ of the trace of `stresses` [structures], GPa. */
  get pressures(): Float64Array {
    const { stresses } = this;
    const trace = (g: number): number => stresses[9 * g]! + stresses[9 * g + 4]! + stresses[9 * g + 8]!;
    return Float64Array.from({ length: stresses.length / 9 }, (_, g) => -trace(g) / 3 / gigapascal);
  }

  /** What the ensemble keeps but for the error of the time step, of each structure [structures], eV. */
  get conserved(): Float64Array {
    return this.kineticEnergies.map((kinetic, g) => kinetic + this.energies[g]! - this.ensemble.heat[g]!);
  }

  /** A copy, to go on from. */
  state(): DynamicsState {
    const { positions, momenta, cells } = this.atoms;
    return {
      step: this.#step,
      positions: positions.slice(),
      momenta: momenta.slice(),
      cells: cells.slice(),
      heat: this.ensemble.heat.slice(),
      variables: this.ensemble.variables.slice(),
    };
  }

  /** Forces and energies of where atoms are, and stresses where somebody asks for them. */
  async computeForces(cancellation?: Cancellation): Promise<void> {
    const { forces, stresses } = this.atoms;
    const into = { energies: this.energies, forces, ...(stresses.length > 0 && { stresses }) };
    await this.system.compute({ into, ...(cancellation && { cancellation }) });
  }
}

/** @throws StructureError */
function copyInto(name: string, values: ArrayLike<number>, to: Float64Array): void {
  if (values.length !== to.length)
    throw new StructureError(
      `${name}: expected ${to.length} numbers, got ${values.length}. Give those of the same structures.`,
    );
  for (let i = 0; i < to.length; i++) {
    if (!Number.isFinite(values[i])) throw new StructureError(`${name}[${i}] = ${String(values[i])} is not a number.`);
    to[i] = values[i]!;
  }
}
