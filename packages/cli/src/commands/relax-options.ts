/** The options of `mace relax`, and what the library is told of them. */
import { FormatError, type MaceModel } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import {
  fixAtoms,
  keepSymmetry,
  symmetrize,
  type Constraint,
  type OptimizerName,
  type SpaceGroup,
  type RelaxOptions as SimOptions,
} from '@mace/sim';
import { choiceText, type AtomChoice } from '../chosen-atoms.js';
import { heldAtoms } from '../held-atoms.js';
import type { ComputingOptions } from '../computing.js';
import { bundledModel } from '../inputs.js';
import type { Shard } from '../shard.js';
import { strainNames } from '../program/defaults.js';
import { version } from '../version.js';
import { inputsOf } from './eval-options.js';

/** As declared in `program/relax-commands.ts`. */
export interface RelaxOptions extends ComputingOptions {
  readonly structures?: readonly string[];
  readonly optimizer: OptimizerName;
  readonly fmax: number;
  readonly smax?: number;
  readonly cell?: boolean;
  readonly filter?: 'frechet' | 'unit-cell';
  readonly hydrostatic?: boolean;
  readonly constantVolume?: boolean;
  readonly lengthsOnly?: boolean;
  readonly mask?: readonly boolean[];
  /** GPa */
  readonly pressure?: number;
  readonly symmetry?: boolean;
  /** Å */
  readonly symmetryTolerance?: number;
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
export function checkRelaxOptions(options: RelaxOptions): void {
  const { resume, output, trajectory } = options;
  if (resume && output === undefined)
    throw new FormatError(
      '--resume: results of a run before are in its output file, and none is named. Add --output FILE.',
    );
  if (resume && trajectory !== undefined)
    throw new FormatError(
      `--resume: the paths of structures that are done are not computed again, and --trajectory ${trajectory} would lack them. Leave out one of the two.`,
    );
  for (const [name, value] of Object.entries(cellOptions(options)))
    if (value !== undefined && !options.cell)
      throw new FormatError(`${dashed(name)}: this is of the cell, which is not relaxed. Add --cell.`);
  if (options.symmetryTolerance !== undefined && !options.symmetry)
    throw new FormatError('--symmetry-tolerance: the symmetry is not kept. Add --symmetry.');
}

/** What is said of the cell beside that it is relaxed. */
function cellOptions(options: RelaxOptions): Partial<RelaxOptions> {
  const { filter, hydrostatic, constantVolume, lengthsOnly, mask, pressure, smax } = options;
  return { filter, hydrostatic, constantVolume, lengthsOnly, mask, pressure, smax } as Partial<RelaxOptions>;
}

function dashed(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Everything that decides where a relaxation goes. */
export function relaxationOptions(options: RelaxOptions): SimOptions {
  const { optimizer, fmax, smax, steps, batchAtoms, trajectory, pressure } = options;
  const { filter, hydrostatic, constantVolume, lengthsOnly, mask } = options;
  const cell = {
    ...(filter && { filter }),
    ...(hydrostatic && { hydrostatic }),
    ...(constantVolume && { constantVolume }),
    ...(lengthsOnly && { lengthsOnly }),
    ...(mask && { mask }),
  };
  return {
    ...inputsOf(options),
    optimizer,
    ...(options.cell && { cell }),
    ...(pressure !== undefined && { pressure }),
    fmax,
    ...(smax !== undefined && { smax }),
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
  const { model = bundledModel, like, cell, mask, symmetry, symmetryTolerance } = options;
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
  return {
    ...{ command: 'relax', version, ...computed, optimizer, fmax, steps, fixed: fixed && choiceText(fixed) },
    ...{ cell, ...cellOptions(options), mask: mask && strainNames.filter((_, i) => mask[i]).join(',') },
    ...{ symmetry, symmetryTolerance },
  };
}

/** The structure that is relaxed: the symmetric one next to it, where the symmetry is kept, with its space group. */
export async function startOf(
  structure: Structure,
  { symmetry, symmetryTolerance }: RelaxOptions,
): Promise<{ readonly structure: Structure; readonly spaceGroup?: SpaceGroup }> {
  return symmetry ? symmetrize(structure, symmetryTolerance) : { structure };
}

/** Symmetry; atoms that --fixed names, else those that ASE's column `move_mask` holds. */
async function constraintsOf(structure: Structure, options: RelaxOptions): Promise<Constraint[]> {
  const { fixed, symmetry, symmetryTolerance } = options;
  const atoms = heldAtoms(structure, fixed);
  const constraints = atoms.length > 0 ? [fixAtoms(structure, atoms)] : [];
  return symmetry ? [...constraints, await keepSymmetry(structure, symmetryTolerance)] : constraints;
}
