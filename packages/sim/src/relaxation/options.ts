/** What a relaxation is told. */
import type { Structure } from '@mace/core/structure';
import type { Constraint } from '../constraints/constraint.js';
import { refuse } from '../refuse.js';
import { fire } from './fire.js';
import { lbfgs } from './lbfgs.js';
import type { Optimizer } from './optimizer.js';

export const optimizers = { lbfgs, fire } as const;
export type OptimizerName = keyof typeof optimizers;

export interface RelaxationOptions {
  /** Default `lbfgs`; or a function of your own. */
  readonly optimizer?: OptimizerName | Optimizer;
  /** eV/Å: no atom is pulled harder in the end. Default 0.05. */
  readonly fmax?: number;
  /** At most so many steps of each structure. Default 1000. */
  readonly steps?: number;
  /** What the atoms of a structure may not do. @param index - of the structure, among all that are relaxed */
  readonly constraints?: (
    structure: Structure,
    index: number,
  ) => readonly Constraint[] | Promise<readonly Constraint[]>;
}

/** Options without a name that stands for something. */
export interface CheckedOptions {
  readonly optimizer: Optimizer;
  readonly fmax: number;
  readonly steps: number;
}

/** @throws UnsupportedError (`option`) that names the option, what it is, and what it may be */
export function checkedOptions({ optimizer = 'lbfgs', fmax = 0.05, steps = 1000 }: RelaxationOptions): CheckedOptions {
  if (typeof optimizer !== 'function' && !Object.hasOwn(optimizers, optimizer))
    refuse('optimizer', optimizer, `one of ${Object.keys(optimizers).join(', ')}, or a function`);
  if (!(fmax > 0 && Number.isFinite(fmax))) refuse('fmax', fmax, 'a number above 0, in eV/Å');
  if (!(Number.isInteger(steps) && steps >= 0)) refuse('steps', steps, 'a whole number from 0 on');
  return { optimizer: typeof optimizer === 'function' ? optimizer : optimizers[optimizer], fmax, steps };
}
