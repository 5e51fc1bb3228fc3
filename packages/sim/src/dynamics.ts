/** Molecular dynamics of a system: one structure, or many in a batch, each with its own random numbers. */
import { StructureError, UnsupportedError, type Cancellation, type System } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { constrainMomenta, kineticEnergies, temperatures, volumes, type Atoms } from './atoms.js';
import type { Ensemble } from './ensembles/ensemble.js';
import { TotalStress } from './ensembles/total-stress.js';
import { drawMomenta } from './maxwell-boltzmann.js';
import { equilibrated } from './equilibration.js';
import { checkedOptions, ensembles, isBarostat, type CheckedOptions, type DynamicsOptions } from './options.js';
import { prepareAtoms } from './prepare-atoms.js';
import { valueAt } from './ramp.js';
import { refuse } from './refuse.js';
import { RandomStream } from './random.js';
import { boltzmannConstant, femtosecond, gigapascal } from './units.js';

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
  /** eV that thermostat and barostat have given to each structure [structures] */
  readonly heat: Float64Array;
  /** Of thermostats and barostats. */
  readonly variables: Float64Array;
}

/** Prepares dynamics, and computes the first forces. @throws UnsupportedError (`option`), StructureError, what `System.compute` throws */
export async function startDynamics(system: System, options: DynamicsOptions, from?: DynamicsState): Promise<Dynamics> {
  const checked = checkedOptions(options);
  const structures = system.structures();
  if (isBarostat(checked.ensemble)) checkBarostat(structures, checked);
  const atoms = prepareAtoms(structures, system.offsets, checked);
  const streams = streamsOf(checked, structures.length);
  const isPeriodic = structures.map(({ pbc }) => pbc.some(Boolean));
  const temperature = checked.temperature ?? 0;
  if (from) {
    for (const name of ['positions', 'momenta', 'cells'] as const) copyInto(name, from[name], atoms[name]);
  } else if (checked.momenta) {
    copyInto('momenta', checked.momenta, atoms.momenta);
    constrainMomenta(atoms);
  } else if (valueAt(temperature, 0) > 0) drawMomenta(atoms, valueAt(temperature, 0), streams, isPeriodic);
  const make = typeof checked.ensemble === 'function' ? checked.ensemble : ensembles[checked.ensemble];
  const made = make({
    atoms,
    timestep: checked.timestep * femtosecond,
    thermalEnergy: (step) => boltzmannConstant * valueAt(temperature, step),
    friction: checked.friction / femtosecond,
    thermostatTime: checked.thermostatTime * femtosecond,
    thermostat: checked.thermostat,
    pressure: (step) => gigapascal * valueAt(checked.pressure, step),
    barostatTime: checked.barostatTime * femtosecond,
    bulkModulus: gigapascal * checked.bulkModulus,
    anisotropic: checked.anisotropic,
    streams,
  });
  checkEnsemble(made);
  const ensemble = checked.equilibration ? equilibrated(made, atoms, checked, isPeriodic) : made;
  if (from) {
    for (const name of ['heat', 'variables'] as const) copyInto(name, from[name], ensemble[name]);
    system.update(atoms.positions, atoms.cells);
  }
  if (from && !(Number.isSafeInteger(from.step) && from.step >= 0))
    refuse('step of the state', from.step, 'a whole number from 0 on');
  const dynamics = new Dynamics(system, atoms, ensemble, from?.step ?? 0);
  await dynamics.computeForces();
  return dynamics;
}

/** @throws UnsupportedError (`option`) for what a function of the user's own has made, and is no ensemble */
function checkEnsemble(made: Partial<Ensemble> | null | undefined): void {
  for (const name of ['before', 'after'] as const)
    if (typeof made?.[name] !== 'function') refuse(`${name} of the ensemble`, made?.[name], 'a function of the step');
  for (const name of ['heat', 'variables'] as const)
    if (!(made?.[name] instanceof Float64Array)) refuse(`${name} of the ensemble`, made?.[name], 'a Float64Array');
}

function streamsOf({ structureNumbers, seed }: CheckedOptions, count: number): RandomStream[] {
  const numbers = structureNumbers ?? Array.from({ length: count }, (_, g) => g);
  if (numbers.length !== count)
    throw new UnsupportedError(
      'option',
      `structureNumbers has ${numbers.length} numbers; expected one for each of ${count} structures.`,
    );
  return numbers.map((number) => new RandomStream(seed, number));
}

/** @throws UnsupportedError (`option`) for structures that a barostat cannot press on */
function checkBarostat(structures: readonly Structure[], { ensemble, constraints }: CheckedOptions): void {
  structures.forEach(({ cell, pbc, numbers }, g) => {
    const stop = (why: string): never => {
      const which = structures.length === 1 ? '' : ` of structure ${g}`;
      throw new UnsupportedError('option', `ensemble ${String(ensemble)}${which}: ${why}`);
    };
    if (!cell)
      stop('a barostat needs a cell; expected one that is periodic in three directions. Give one, or take nvt.');
    const periodic = pbc.filter(Boolean).length;
    if (periodic < 3)
      stop(`a barostat needs a cell that is periodic in three directions; this one is in ${periodic}. Take nvt.`);
    if (numbers.length === 0) stop('a barostat needs atoms; there are none.');
    if (ensemble !== 'npt' && constraints?.[g]?.length)
      stop('it does not keep constraints, as that of ASE does not. Take npt, which keeps bonds.');
  });
}

export class Dynamics {
  /** Potential energy of each structure [structures], eV; in place. */
  readonly energies: Float64Array;
  #step: number;
  #isRunning = false;
  #totalStress: TotalStress | null = null;

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
   * @throws UnsupportedError (`option`) for what is no number of steps, or while another call runs; what `System.compute` throws: atoms are
   *   then where the step that failed has put them
   */
  async run(
    steps: number,
    observe?: (dynamics: Dynamics) => void | Promise<void>,
    cancellation?: Cancellation,
  ): Promise<void> {
    if (!(Number.isSafeInteger(steps) && steps >= 0)) refuse('steps', steps, 'a whole number from 0 on');
    if (this.#isRunning)
      throw new UnsupportedError('option', 'run: another call has not ended. Await it before the next one.');
    this.#isRunning = true;
    try {
      for (let made = 0; made < steps; made++) {
        this.ensemble.before(this.#step + 1);
        this.system.update(this.atoms.positions, this.ensemble.movesCells ? this.atoms.cells : undefined);
        await this.computeForces(cancellation);
        this.ensemble.after(++this.#step);
        await observe?.(this);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Of each structure [structures], eV. */
  get kineticEnergies(): Float64Array {
    return kineticEnergies(this.atoms);
  }

  /** Of each structure [structures], K, with degrees of freedom as ASE counts them: three an atom, less what constraints take. */
  get temperatures(): Float64Array {
    return temperatures(this.atoms);
  }

  /** Of each structure [structures], Å³; 0 without a cell. */
  get volumes(): Float64Array {
    return volumes(this.atoms);
  }

  /**
   * Of each structure, with what moves, as a barostat sees it: what bonds hold together counts as one particle. Positive under tension
   * [structures 9], eV/Å³; NaN where not all three directions are periodic, and where something else holds atoms that have bonds; empty
   * without the option `stress` or a barostat.
   */
  get stresses(): Float64Array {
    if (this.atoms.stresses.length === 0) return this.atoms.stresses;
    return (this.#totalStress ??= new TotalStress(this.atoms)).now();
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
