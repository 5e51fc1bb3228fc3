/** Structures of a run that move together, as one batch. Each is on a path of its own, and one that fails leaves the others alone. */
import {
  ConvergenceError,
  FormatError,
  isMaceError,
  StructureError,
  type Calculator,
  type InputOptions,
  type System,
} from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { constrainMomenta } from '../atoms.js';
import { startDynamics, type Dynamics } from '../dynamics.js';
import { forceProblem, type AllLimits } from '../guards/limits.js';
import { ensembleOf, isBarostat } from '../options.js';
import type { Relaxation } from '../relaxation/relaxation.js';
import { relaxSystem } from '../relaxation/relax-system.js';
import type { Frame } from './frame.js';
import { givenMasses } from './given-masses.js';
import { givenMomenta } from './given-momenta.js';
import type { Member } from './member.js';
import type { PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';
import { joinedStates, stateOfOne } from './states.js';

export interface GroupOptions {
  readonly calculator: Calculator;
  readonly dynamics: PreparedRun['dynamics'];
  /** fs */
  readonly timestep: number;
  readonly constraints?: RunOptions['constraints'];
  /** eV/Å: structures are relaxed first until their forces are no larger. */
  readonly minimizeTo?: number | undefined;
  readonly limits: AllLimits;
  readonly inputs: InputOptions;
  /** Keys and columns of structures that the model and the dynamics read. */
  readonly inputKeys: ReadonlySet<string>;
  readonly skin?: number | undefined;
  /** Whether momenta of the input are taken. */
  readonly takesMomenta: boolean;
  /** Told of a structure that goes no farther; the frame is where it was seen to be wrong, if it was computed. */
  readonly failed: (member: Member, error: Error, frame?: Frame) => Promise<void>;
}

export class Group {
  /** Those that still move. */
  members: readonly Member[];
  #system: System | null = null;
  #dynamics: Dynamics | null = null;
  #calculator: Calculator;

  constructor(
    members: readonly Member[],
    readonly options: GroupOptions,
  ) {
    this.members = members;
    this.#calculator = options.calculator;
  }

  /** Steps that were made. */
  get step(): number {
    return this.#dynamics!.step;
  }

  /**
   * Binds all structures where their states say. Of those that cannot be computed `failed` is told.
   * @param calculator - in place of that of the options, from now on: what it finds another energy for has not drifted
   */
  async bind(calculator: Calculator = this.#calculator): Promise<void> {
    const before = calculator === this.#calculator ? null : this.#conserved();
    this.#calculator = calculator;
    await this.#orOneByOne(
      (members) => this.#bind(members),
      (alone) => alone.bind(),
    );
    if (!before) return;
    for (const [member, now] of this.#conserved()) member.conservedAtStart += now - (before.get(member) ?? now);
  }

  /** Goes on to a step, or ends after an earlier one where `shouldPause` says so. */
  async advance(to: number, shouldPause: () => boolean = () => false): Promise<void> {
    await this.#orOneByOne(
      async () => {
        while (this.members.length > 0 && this.step < to) {
          await this.#dynamics!.run(1);
          await this.#stopExploding();
          if (shouldPause()) break;
        }
      },
      async (alone) => {
        await alone.bind();
        if (alone.members.length > 0) await alone.advance(to);
        if (alone.members.length > 0) alone.keepStates();
      },
    );
  }

  /** Keeps the states of now, to go on from. */
  keepStates(): void {
    const state = this.#dynamics!.state();
    this.members.forEach((member, g) => {
      member.state = stateOfOne(state, this.#system!.offsets, g);
      const [first, end] = [this.#system!.offsets[g]!, this.#system!.offsets[g + 1]!];
      member.order = this.#system!.order.slice(first, end).map((place) => place - first);
    });
  }

  /** One for each member, of now. */
  frames(): Frame[] {
    const dynamics = this.#dynamics!;
    const { kineticEnergies, temperatures, conserved, pressures, step, energies, atoms } = dynamics;
    const structures = this.#system!.structures();
    return this.members.map(({ index, start }, g) => {
      const [first, end] = [atoms.offsets[g]!, atoms.offsets[g + 1]!];
      // Results and momenta of the input are of where atoms were.
      const [info, arrays] = [this.#kept(start.info), this.#kept(start.arrays)];
      const isCrystal = start.pbc.every(Boolean) && start.cell !== null;
      return {
        index,
        step,
        time: step * this.options.timestep,
        structure: { ...start, positions: structures[g]!.positions, cell: structures[g]!.cell, info, arrays },
        momenta: atoms.momenta.slice(3 * first, 3 * end),
        masses: atoms.masses.slice(first, end),
        forces: atoms.forces.slice(3 * first, 3 * end),
        energy: energies[g]!,
        kineticEnergy: kineticEnergies[g]!,
        conserved: conserved[g]!,
        temperature: temperatures[g]!,
        stress: isCrystal && atoms.stresses.length > 0 ? atoms.stresses.slice(9 * g, 9 * g + 9) : null,
        pressure: isCrystal && Number.isFinite(pressures[g]) ? pressures[g]! : null,
      };
    });
  }

  #kept<T>(record: Readonly<Record<string, T>>): Record<string, T> {
    return Object.fromEntries(Object.entries(record).filter(([name]) => this.options.inputKeys.has(name)));
  }

  /** Some go no farther; the others go on from where they are. */
  async drop(members: ReadonlySet<Member>): Promise<void> {
    this.keepStates();
    await this.#bind(this.members.filter((member) => !members.has(member)));
  }

  dispose(): void {
    this.#system?.dispose();
    this.#system = null;
  }

  async #bind(members: readonly Member[]): Promise<void> {
    this.dispose();
    this.members = members;
    if (members.length === 0) return;
    const { inputs, skin, dynamics, takesMomenta, constraints, minimizeTo } = this.options;
    const structures = members.map(({ start }) => start);
    const orders = members.map(({ order }) => order);
    const isBound = members[0]!.state !== null;
    const isPeriodic = structures.some(({ pbc }) => pbc.every(Boolean));
    this.#system = await this.#calculator.bind(structures, {
      ...inputs,
      properties: isPeriodic ? ['forces', 'stress'] : ['forces'],
      ...(skin !== undefined && { skin }),
      ...(isBound && { order: joinedOrders(orders as Int32Array[]) }),
    });
    const constraintsOf =
      constraints && ((_: Structure, g: number) => constraints(members[g]!.start, members[g]!.index));
    const options = {
      ...dynamics,
      stress: isPeriodic || isBarostat(ensembleOf(dynamics.ensemble)),
      structureNumbers: members.map(({ index }) => index),
      masses: structures.flatMap((structure) => [...givenMasses(structure)]),
      ...(constraintsOf && { constraints: structures.map(constraintsOf) }),
    };
    if (!isBound && minimizeTo !== undefined) {
      const relaxed = await relaxSystem(this.#system, {
        fmax: minimizeTo,
        ...(constraintsOf && { constraints: constraintsOf }),
      });
      members.forEach((member, g) => (member.minimized = endOf(relaxed[g]!)));
    }
    const state = isBound ? joinedStates(members.map((member) => member.state!)) : undefined;
    this.#dynamics = await startDynamics(this.#system, options, state);
    const { freedom } = this.#dynamics.atoms;
    members.forEach((member, g) => {
      if (freedom[g] !== (member.freedom ??= freedom[g]!))
        throw new FormatError(
          `structure ${member.index}: the run was begun with other constraints: they left ${member.freedom} degrees of freedom, and these leave ${freedom[g]}. Go on with the same, or begin anew in another folder.`,
        );
    });
    const still = freedom.indexOf(0);
    if (still >= 0)
      throw new StructureError(
        structures[still]!.numbers.length === 0
          ? 'there are no atoms, and nothing can move.'
          : 'all atoms are held, and nothing can move. Hold fewer.',
      );
    if (!isBound && takesMomenta) {
      const { atoms } = this.#dynamics;
      structures.forEach((structure, g) => {
        const momenta = givenMomenta(structure, atoms.masses.subarray(atoms.offsets[g], atoms.offsets[g + 1]));
        if (momenta) atoms.momenta.set(momenta, 3 * atoms.offsets[g]!);
      });
      constrainMomenta(atoms);
    }
    if (!isBound) this.keepStates();
  }

  /** What the ensemble keeps of each, eV; of none before they are bound. */
  #conserved(): Map<Member, number> {
    const conserved = this.#system && this.#dynamics?.conserved;
    return new Map(conserved ? this.members.map((member, g) => [member, conserved[g]!]) : []);
  }

  /** A structure whose forces explode is left where it is. */
  async #stopExploding(): Promise<void> {
    const { forces, offsets } = this.#dynamics!.atoms;
    const stopped = new Map<Member, string>();
    this.members.forEach((member, g) => {
      const problem = forceProblem(forces.subarray(3 * offsets[g]!, 3 * offsets[g + 1]!), this.options.limits);
      if (problem !== null) stopped.set(member, problem);
    });
    if (stopped.size === 0) return;
    const frames = this.frames();
    for (const [member, problem] of stopped)
      await this.options.failed(member, new ConvergenceError(problem), frames[this.members.indexOf(member)]);
    await this.drop(new Set(stopped.keys()));
  }

  /**
   * What is refused as a whole is done again with each structure alone, from the state that was kept; what is refused then has failed, and
   * the others are bound together.
   */
  async #orOneByOne(
    together: (members: readonly Member[]) => Promise<void>,
    oneByOne: (alone: Group) => Promise<void>,
  ): Promise<void> {
    try {
      await together(this.members);
    } catch (error) {
      if (!isOfAStructure(error)) throw error;
      // Without those that have been dropped on the way.
      const { members } = this;
      this.dispose();
      if (members.length === 1) {
        this.members = [];
        await this.options.failed(members[0]!, error as Error);
        return;
      }
      const able: Member[] = [];
      for (const member of members) {
        const alone = new Group([member], { ...this.options, calculator: this.#calculator });
        await oneByOne(alone);
        able.push(...alone.members);
        alone.dispose();
      }
      await this.#bind(able);
    }
  }
}

function endOf({ steps, isConverged, largestForce }: Relaxation): NonNullable<Member['minimized']> {
  return { steps, isConverged, largestForce };
}

/** Whether an error says something of a structure, and nothing of the device, the disk or the caller. */
function isOfAStructure(error: unknown): boolean {
  return isMaceError(error) && ['structure', 'convergence', 'unsupported'].includes(error.code);
}

function joinedOrders(orders: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(orders.reduce((sum, { length }) => sum + length, 0));
  let first = 0;
  for (const order of orders) {
    joined.set(
      order.map((place) => place + first),
      first,
    );
    first += order.length;
  }
  return joined;
}
