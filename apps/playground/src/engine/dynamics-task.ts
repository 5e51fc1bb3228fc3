/**
 * Dynamics that people steer: temperature, thermostat, time step and fixed atoms change while it runs, and atoms are pulled by hand. Runs
 * until it is stopped.
 */
import { ConvergenceError, StructureError, type System } from '@mace/core';
import { structureMasses, type Structure } from '@mace/core/structure';
import { fixAtoms, startDynamics, type Dynamics, type DynamicsOptions } from '@mace/sim';
import type { Controls, DynamicsFrame, DynamicsInput } from './messages.js';
import { isCrystal } from '../files/crystal.js';
import { openCalculator } from './open-task.js';
import { breath } from './pace.js';
import type { TaskContext } from './task-context.js';

/** Milliseconds between two frames for the page. */
const frameEvery = 100;
/** eV/Å; beyond it a model is far from what it was trained on, and atoms would fly apart. */
const largestForce = 300;
/** eV an atom by which what the ensemble keeps may change, as of the guards of `@mace/sim`. */
const mostDrift = 0.5;

/** @returns the last frame @throws StructureError, ConvergenceError with advice where forces explode, DeviceError */
export async function runDynamics(input: DynamicsInput, context: TaskContext<'dynamics'>): Promise<DynamicsFrame> {
  const { structure, asked } = input;
  const properties = isCrystal(structure) ? (['forces', 'stress'] as const) : (['forces'] as const);
  const system = await openCalculator().bind([structure], { ...asked, properties });
  try {
    return await new Steered(system, structure, input, context).run();
  } finally {
    system.dispose();
  }
}

class Steered {
  #controls: Controls;
  #wanted: Controls;
  #pull: { readonly atom: number; readonly position: readonly [number, number, number] } | null = null;
  #dynamics!: Dynamics;
  /** Steps before those that the dynamics of now count. */
  #before: number;
  /** fs */
  #time = 0;
  #stepsPerSecond = 0;
  /** What the ensemble keeps, eV, as it was when these settings began or a hand let go; null where a hand has added to it. */
  #kept: number | null = null;
  /** Å [3], how far a molecule has drifted: people see it where it began. */
  #drift: readonly number[] = [0, 0, 0];
  readonly #middle: readonly number[];

  constructor(
    readonly system: System,
    readonly structure: Structure,
    readonly input: DynamicsInput,
    readonly context: TaskContext<'dynamics'>,
  ) {
    this.#controls = this.#wanted = input.controls;
    this.#before = input.step;
    this.#time = input.time;
    this.#middle = middleOf(structure.positions);
    context.onMessage = (message) => {
      if (message.kind === 'controls') this.#wanted = message.controls;
      else this.#pull = message.position && { atom: message.atom, position: message.position };
    };
  }

  async run(): Promise<DynamicsFrame> {
    await this.#start(this.input.momenta);
    this.#requireSane();
    const clock = { told: performance.now(), steps: 0, breathed: performance.now() };
    this.context.emit(this.#frame());
    while (!this.context.cancellation.aborted) {
      if (this.#wanted !== this.#controls) await this.#change();
      await this.#step();
      clock.steps++;
      const now = performance.now();
      if (now - clock.told >= frameEvery) {
        this.#stepsPerSecond = (1000 * clock.steps) / (now - clock.told);
        this.context.emit(this.#frame());
        [clock.told, clock.steps] = [now, 0];
      }
      const { mostStepsPerSecond } = this.#controls;
      if (mostStepsPerSecond > 0) await pause(1000 / mostStepsPerSecond - (performance.now() - now));
      if (now - clock.breathed > 15) {
        await breath();
        clock.breathed = performance.now();
      }
    }
    return this.#frame();
  }

  async #start(momenta: Float64Array | null): Promise<void> {
    const { ensemble, temperature, friction, thermostatTime, pressure, timestep, fixed } = this.#controls;
    if (fixed.length === this.structure.numbers.length)
      throw new StructureError('all atoms are fixed, and nothing can move. Let some go.');
    const options: DynamicsOptions = {
      ensemble,
      timestep,
      seed: this.input.seed,
      // Else each change of settings would begin the same random numbers again.
      structureNumbers: [this.#before],
      stress: isCrystal(this.structure),
      ...(ensemble === 'nve' && momenta ? {} : { temperature }),
      ...(ensemble === 'nvt' && { friction }),
      ...(['nvt-csvr', 'nvt-nh', 'npt'].includes(ensemble) && { thermostatTime }),
      ...(ensemble === 'npt' && { pressure }),
      ...(momenta && { momenta }),
      masses: structureMasses(this.structure),
      ...(fixed.length > 0 && { constraints: [[fixAtoms(this.structure, fixed)]] }),
    };
    this.#dynamics = await startDynamics(this.system, options);
    this.#kept = this.#dynamics.conserved[0]!;
  }

  /** Other settings from here on: momenta stay, thermostats begin anew, and so does what is conserved. */
  async #change(): Promise<void> {
    const momenta = this.#dynamics.atoms.momenta.slice();
    this.#before += this.#dynamics.step;
    this.#controls = this.#wanted;
    await this.#start(momenta);
  }

  async #step(): Promise<void> {
    const { positions, momenta } = this.#dynamics.atoms;
    if (this.#pull) {
      const { atom, position } = this.#pull;
      positions.set(
        position.map((x, k) => x + this.#drift[k]!),
        3 * atom,
      );
      momenta.fill(0, 3 * atom, 3 * atom + 3);
      this.#kept = null;
    }
    await this.#dynamics.run(1);
    this.#requireSane();
    this.#time += this.#controls.timestep;
  }

  /** @throws ConvergenceError */
  #requireSane(): void {
    const step = this.#before + this.#dynamics.step;
    let most = 0;
    for (const force of this.#dynamics.atoms.forces) most = Math.max(most, Math.abs(force));
    if (!(most < largestForce))
      throw new ConvergenceError(
        `step ${step}: a force of ${most.toFixed(0)} eV/Å: atoms are where the model knows nothing. Relax first, take a shorter time step, or a lower temperature.`,
      );
    const conserved = this.#dynamics.conserved[0]!;
    this.#kept ??= conserved;
    const drift = (conserved - this.#kept) / this.structure.numbers.length;
    if (Math.abs(drift) <= mostDrift) return;
    throw new ConvergenceError(
      `step ${step}: the energy that dynamics should keep has changed by ${drift.toFixed(2)} eV an atom: the steps are too long for how fast atoms move. Relax first, take a shorter time step, or a lower temperature.`,
    );
  }

  /** Atoms that are held, or pulled, or in a cell, stand where they are. */
  #takeDrift(): void {
    if (this.#pull || this.#controls.fixed.length > 0 || this.structure.pbc.some(Boolean)) return;
    this.#drift = middleOf(this.#dynamics.atoms.positions).map((x, k) => x - this.#middle[k]!);
  }

  #frame(): DynamicsFrame {
    this.#takeDrift();
    const { atoms, energies, kineticEnergies, conserved, temperatures, pressures, step } = this.#dynamics;
    return {
      step: this.#before + step,
      time: this.#time,
      positions: atoms.positions.map((x, i) => x - this.#drift[i % 3]!),
      cell: this.structure.cell && atoms.cells.slice(0, 9),
      forces: atoms.forces.slice(),
      momenta: atoms.momenta.slice(),
      energy: energies[0]!,
      kinetic: kineticEnergies[0]!,
      conserved: conserved[0]!,
      temperature: temperatures[0]!,
      pressure: atoms.stresses.length > 0 ? pressures[0]! : null,
      stepsPerSecond: this.#stepsPerSecond,
    };
  }
}

/** The mean of all places. @param positions - [atoms 3] */
function middleOf(positions: Float64Array): number[] {
  return [0, 1, 2].map(
    (k) => positions.reduce((sum, x, i) => (i % 3 === k ? sum + x : sum), 0) / (positions.length / 3),
  );
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds > 1 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : Promise.resolve();
}
