/** The options of `mace relax`, and what the library is told of them. */
import { FormatError, type MaceModel } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { fixAtoms, type Constraint, type RelaxOptions as SimOptions } from '@mace/sim';
import { chosenAtoms, type AtomChoice } from '../chosen-atoms.js';
import { bundledModel, type ToldOptions } from '../inputs.js';
import type { Shard } from '../shard.js';
import { version } from '../version.js';
import { inputsOf } from './eval-options.js';

/** As declared in `program/simulation-commands.ts`. */
export interface RelaxOptions extends ToldOptions {
  readonly model?: string;
  readonly structures?: readonly string[];
  readonly format?: string;
  readonly backend: string;
  readonly threads?: number;
  readonly precision: 'f64' | 'f32';
  readonly tables?: boolean;
  readonly exact?: boolean;
  readonly head?: string;
  readonly charge?: number;
  readonly spin?: number;
  readonly optimizer: string;
  readonly fmax: number;
  readonly steps: number;
  readonly fixed?: AtomChoice;
  readonly output?: string;
  readonly infoPrefix: string;
  readonly trajectory?: string;
  readonly json?: boolean;
  readonly shard?: Shard;
  readonly resume?: boolean;
  readonly onError: 'stop' | 'skip';
  readonly batchAtoms: number;
}

/** What is wrong with them together. @throws FormatError */
export function checkRelaxOptions({ resume, output, trajectory, infoPrefix }: RelaxOptions): void {
  if (resume && output === undefined)
    throw new FormatError(
      '--resume: results of a run before are in its output file, and none is named. Add --output FILE.',
    );
  if (resume && trajectory !== undefined)
    throw new FormatError(
      `--resume: the paths of structures that are done are not computed again, and --trajectory ${trajectory} would lack them. Leave out one of the two.`,
    );
  if (infoPrefix === '')
    throw new FormatError(
      '--info-prefix "": results need a prefix, so that a later run knows its own. Give one, such as MACE_.',
    );
}

/** Everything that decides where a relaxation goes. */
export function relaxationOptions(options: RelaxOptions): SimOptions {
  const { optimizer, fmax, steps, batchAtoms, trajectory } = options;
  return {
    ...inputsOf(options),
    optimizer: optimizer.toLowerCase() as NonNullable<SimOptions['optimizer'] & string>,
    fmax,
    steps,
    batchAtoms,
    // Paths are held until their structure leaves.
    ...(trajectory !== undefined && { aheadAtoms: batchAtoms }),
    constraints: (structure) => constraintsOf(structure, options),
  };
}

/** What results depend on beside their structure, as plain values. */
export function settingsOf({ provenance }: MaceModel, options: RelaxOptions): Record<string, unknown> {
  const { backend, precision, tables = false, head, charge, spin, optimizer, fmax, steps, fixed, loraAlpha } = options;
  const { model = bundledModel, like } = options;
  const computed = {
    model: provenance?.sha256 ?? model,
    like,
    loraAlpha,
    backend,
    precision,
    tables,
    head,
    charge,
    spin,
  };
  return { command: 'relax', version, ...computed, optimizer: optimizer.toLowerCase(), fmax, steps, fixed };
}

/** Atoms that --fixed names; else those that ASE's column `move_mask` holds. */
function constraintsOf(structure: Structure, { fixed }: RelaxOptions): Constraint[] {
  const atoms = fixed ? chosenAtoms('--fixed', fixed, structure) : heldBy(structure);
  return atoms.length > 0 ? [fixAtoms(structure, atoms)] : [];
}

/** @throws FormatError for a mask that is not a truth value for each atom */
function heldBy({ arrays }: Structure): number[] {
  const mask = arrays.move_mask;
  if (!mask) return [];
  if (mask.kind !== 'logical' || mask.columns !== 1)
    throw new FormatError(
      'the column move_mask holds no truth value for each atom, and says which atoms may move. Name those that stay with --fixed.',
    );
  return (mask.values as readonly boolean[]).flatMap((moves, atom) => (moves ? [] : [atom]));
}
