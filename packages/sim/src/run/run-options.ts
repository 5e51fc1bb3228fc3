/** What a run of dynamics is told, beside what dynamics itself is told. */
import type { Cancellation, InputOptions } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { Storage } from '@mace/io';
import type { Constraint } from '../constraints/constraint.js';
import type { Guard } from '../guards/guard.js';
import type { Limits } from '../guards/limits.js';
import type { ObserverPlan } from '../observers/index.js';
import type { DynamicsOptions } from '../options.js';
import type { GateOptions } from './gate.js';

export interface RunOptions
  extends Omit<DynamicsOptions, 'momenta' | 'masses' | 'structureNumbers' | 'stress' | 'constraints'>,
    InputOptions {
  /** How many steps a structure makes in all. */
  readonly steps: number;
  /** Steps between lines of the log, and between what is yielded. Default 10. */
  readonly logEvery?: number;
  /** Steps between frames of the trajectory. Default 100. */
  readonly trajectoryEvery?: number;
  /** Compresses trajectories. Default false. */
  readonly compress?: boolean;
  /** Where `log.csv`, the trajectory, `final.xyz`, `summary.json` and `restart.json` go; nothing is written without. */
  readonly storage?: Storage;
  /** Goes on where a run of the same settings ended. Default false: files of another run are refused. */
  readonly restart?: boolean;
  /** Seconds between the times that a run can be gone on from. Default 10. */
  readonly checkpointSeconds?: number;
  /** Whether momenta that the input has are taken. Default true. */
  readonly takesMomenta?: boolean;
  /** What the atoms of a structure may not do. @param structure - as the input has it @param index - of all of the input */
  readonly constraints?: (structure: Structure, index: number) => readonly Constraint[];
  /** Relaxes structures first, until no force is larger than so many eV/Å, or for 1000 steps. */
  readonly minimizeTo?: number;
  /** What else a restart has to be told again, such as what constraints are made of; plain JSON. */
  readonly otherSettings?: Readonly<Record<string, unknown>>;
  readonly gate?: GateOptions;
  readonly limits?: Limits;
  /** Beside the limits. */
  readonly guards?: readonly Guard[];
  /** What is measured while it runs; written as tables at the end. A run may be gone on with under others. */
  readonly observers?: readonly ObserverPlan[];
  /** Steps between the frames that observers are given. Default those of the log. */
  readonly observeEvery?: number;
  /** Å, as `bind` has it. */
  readonly skin?: number;
  /** Structures of so many atoms together move as one batch. Default 1024. */
  readonly batchAtoms?: number;
  /** Only the structures `part`, `part + parts`, `part + 2·parts`, … of the input, counted from 0. */
  readonly shard?: { readonly part: number; readonly parts: number };
  /** Lines that the log begins with, beside those of the settings: versions, names. */
  readonly madeWith?: Readonly<Record<string, string>>;
  /**
   * Told of each structure that has made its steps, in a run before too, once all its files are there.
   * @param folder - before the names of its files: nothing, or `0001/`
   */
  readonly ended?: (index: number, structure: Structure, folder: string) => void | Promise<void>;
  /** Ends after the step under way; the run can be gone on with. */
  readonly cancellation?: Cancellation;
}
