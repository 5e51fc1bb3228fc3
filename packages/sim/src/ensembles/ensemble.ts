/** What an ensemble does to atoms in a step, beside what forces do. */
import type { Atoms } from '../atoms.js';
import type { RandomStream } from '../random.js';

export interface Ensemble {
  /** From the forces of now to where the next ones are needed. @param step - from 1 on */
  before(step: number): void;
  /** With the next forces. */
  after(step: number): void;
  /** Whether it changes cells; the option `stress` is then needed. */
  readonly movesCells?: boolean;
  /** eV that thermostat and barostat have given to each structure since the beginning [structures]; in place. */
  readonly heat: Float64Array;
  /** What else a run goes on from; in place. */
  readonly variables: Float64Array;
}

/** What an ensemble is made of; times in units of `units.ts`. */
export interface EnsembleSettings {
  readonly atoms: Atoms;
  readonly timestep: number;
  /** kT at a step, eV */
  readonly thermalEnergy: (step: number) => number;
  /** 1/time */
  readonly friction: number;
  readonly thermostatTime: number;
  /** Of barostats that have the choice. */
  readonly thermostat: 'csvr' | 'langevin';
  /** At a step, of a structure, eV/Å³ */
  readonly pressure: (step: number, structure: number) => number;
  readonly barostatTime: number;
  /** eV/Å³ */
  readonly bulkModulus: number;
  /** Whether the cell changes its shape, too. */
  readonly anisotropic: boolean;
  /** Of each structure. */
  readonly streams: readonly RandomStream[];
}

export type MakeEnsemble = (settings: EnsembleSettings) => Ensemble;
