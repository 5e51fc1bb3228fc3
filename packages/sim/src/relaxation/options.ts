/** What a relaxation is told. */
import type { CellSettings } from './cell-filter.js';
import type { Structure } from '@mace/core/structure';
import type { Constraint } from '../constraints/constraint.js';
import { refuse } from '../refuse.js';
import { gigapascal } from '../units.js';
import { bfgsLineSearch } from './bfgs-line-search.js';
import { fire } from './fire.js';
import { lbfgs } from './lbfgs.js';
import type { Optimizer } from './optimizer.js';

export const optimizers = { lbfgs, fire, 'bfgs-line-search': bfgsLineSearch } as const;
export type OptimizerName = keyof typeof optimizers;

export interface RelaxationOptions {
  /** Default `lbfgs`; or a function of your own. */
  readonly optimizer?: OptimizerName | Optimizer;
  /** eV/Å: no atom is pulled harder in the end. Default 0.05. */
  readonly fmax?: number;
  /** Relaxes the cell too: `true` for all of it. Default only atoms. */
  readonly cell?: boolean | CellOptions;
  /** GPa, from outside, where the cell is relaxed. Default 0. */
  readonly pressure?: number;
  /**
   * GPa: no component of the stress that may change is larger in the end; `fmax` is then of atoms only. Default none: `fmax` is of all that
   * pulls, atoms and cell (−stress·volume/atoms), as in `ase.optimize`.
   */
  readonly smax?: number;
  /** At most so many steps of each structure. Default 1000. */
  readonly steps?: number;
  /** What the atoms of a structure may not do. @param index - of the structure, among all that are relaxed */
  readonly constraints?: (
    structure: Structure,
    index: number,
  ) => readonly Constraint[] | Promise<readonly Constraint[]>;
}

export const relaxationOptionNames = [
  'optimizer',
  'fmax',
  'cell',
  'pressure',
  'smax',
  'steps',
  'constraints',
] as const satisfies (keyof RelaxationOptions)[];

/** How a cell is relaxed. */
export interface CellOptions {
  /** Coordinates of the cell: N·log F or N·F, of the deformation F and N atoms. Default `frechet`. */
  readonly filter?: 'frechet' | 'unit-cell';
  /** Grows and shrinks only, keeping its shape. */
  readonly hydrostatic?: boolean;
  /** Keeps its volume: exactly with `frechet`, to first order with `unit-cell`. */
  readonly constantVolume?: boolean;
  /** Stretches along x, y and z without shear, so that a right-angled cell keeps its angles. */
  readonly lengthsOnly?: boolean;
  /** Which strains are relaxed: xx, yy, zz, yz, xz, xy. */
  readonly mask?: readonly (boolean | number)[];
}

/** Options without a name that stands for something. */
export interface CheckedOptions {
  readonly optimizer: Optimizer;
  readonly fmax: number;
  readonly steps: number;
  readonly smax: number | undefined;
  readonly cell: CellSettings | undefined;
}

/** @throws UnsupportedError (`option`) that names the option, what it is, and what it may be */
export function checkedOptions(options: RelaxationOptions): CheckedOptions {
  const { optimizer = 'lbfgs', fmax = 0.05, steps = 1000, smax } = options;
  if (typeof optimizer !== 'function' && !Object.hasOwn(optimizers, optimizer))
    refuse('optimizer', optimizer, `one of ${Object.keys(optimizers).join(', ')}, or a function`);
  if (!(fmax > 0 && Number.isFinite(fmax))) refuse('fmax', fmax, 'a number above 0, in eV/Å');
  if (!(Number.isInteger(steps) && steps >= 0)) refuse('steps', steps, 'a whole number from 0 on');
  const cell = cellSettings(options);
  if (smax !== undefined && !(smax > 0 && Number.isFinite(smax))) refuse('smax', smax, 'a number above 0, in GPa');
  if (smax !== undefined && !cell) refuse('smax', smax, 'none where the cell is not relaxed; say cell: true');
  return {
    optimizer: typeof optimizer === 'function' ? optimizer : optimizers[optimizer],
    fmax,
    steps,
    smax: smax && smax * gigapascal,
    cell,
  };
}

function cellSettings({ cell = false, pressure = 0 }: RelaxationOptions): CellSettings | undefined {
  if (typeof cell !== 'boolean' && (typeof cell !== 'object' || (cell as unknown) === null || Array.isArray(cell)))
    refuse('cell', cell, 'true, false, or an object of options');
  if (!Number.isFinite(pressure)) refuse('pressure', pressure, 'a number, in GPa');
  if (cell === false && pressure !== 0)
    refuse('pressure', pressure, 'none where the cell is not relaxed; say cell: true');
  if (cell === false) return undefined;
  const given: CellOptions = cell === true ? {} : cell;
  const unknown = Object.keys(given).find((name) => !cellOptionNames.includes(name));
  if (unknown !== undefined) refuse('cell', unknown, `options of ${cellOptionNames.join(', ')}`);
  const { filter = 'frechet', hydrostatic = false, constantVolume = false, lengthsOnly = false, mask } = given;
  if (filter !== 'frechet' && filter !== 'unit-cell') refuse('cell.filter', filter, 'frechet or unit-cell');
  for (const [name, value] of Object.entries({ hydrostatic, constantVolume, lengthsOnly }))
    if (typeof (value as unknown) !== 'boolean') refuse(`cell.${name}`, value, 'true or false');
  const clash = [hydrostatic && 'hydrostatic', lengthsOnly && 'lengthsOnly', mask && 'mask'].filter(Boolean);
  if (clash.length > 1) refuse('cell', clash.join(' with '), 'one of hydrostatic, lengthsOnly, mask');
  if (hydrostatic && constantVolume)
    refuse('cell', 'hydrostatic with constantVolume', 'one of them: together they leave nothing to relax');
  const strains = mask ?? [1, 1, 1, ...(lengthsOnly ? [0, 0, 0] : [1, 1, 1])];
  if (!isMask(strains)) refuse('cell.mask', JSON.stringify(mask), 'six of true, false, 0, 1: xx, yy, zz, yz, xz, xy');
  const [xx, yy, zz, yz, xz, xy] = strains.map(Number) as [number, number, number, number, number, number];
  return {
    filter,
    hydrostatic,
    constantVolume,
    mask: Float64Array.of(xx, xy, xz, xy, yy, yz, xz, yz, zz),
    pressure: pressure * gigapascal,
  };
}

const cellOptionNames: readonly string[] = ['filter', 'hydrostatic', 'constantVolume', 'lengthsOnly', 'mask'];

function isMask(mask: unknown): mask is readonly (boolean | number)[] {
  return Array.isArray(mask) && mask.length === 6 && mask.every((one) => [0, 1, true, false].includes(one as number));
}
