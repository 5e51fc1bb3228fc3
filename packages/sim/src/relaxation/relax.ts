/** Relaxation of atoms: of one structure, or of many in a batch, each on a path of its own. */
import { CancelledError, type Cancellation, type System } from '@mace/core';
import { refuse } from '../refuse.js';
import { fire } from './fire.js';
import { lbfgs } from './lbfgs.js';
import { longest, type Optimizer } from './optimizer.js';

export const optimizers = { lbfgs, fire } satisfies Record<string, () => Optimizer>;
export type OptimizerName = keyof typeof optimizers;

export interface RelaxationOptions {
  /** Default `lbfgs`. */
  readonly optimizer?: OptimizerName;
  /** eV/Å: no atom is pulled harder in the end. Default 0.05. */
  readonly fmax?: number;
  /** At most so many steps of each structure. Default 1000. */
  readonly steps?: number;
  /** Atoms that stay where they are, numbered through all structures. */
  readonly fixed?: readonly number[];
  /** Called after each computation of all structures, the first one included. */
  readonly observe?: (progress: RelaxationProgress) => void | Promise<void>;
  readonly cancellation?: Cancellation;
}

/** Of each structure; in place. */
export interface RelaxationProgress {
  /** eV [structures] */
  readonly energies: Float64Array;
  /** eV/Å: the largest force on an atom that may move [structures] */
  readonly largestForces: Float64Array;
  /** Steps that were made [structures] */
  readonly steps: Int32Array;
  readonly isConverged: readonly boolean[];
}

/**
 * Moves the atoms of a system until forces are small; the system has them where they ended. What has converged stays there while others
 * go on, and the path of a structure does not depend on them.
 *
 * @returns what was reached: look at `isConverged`
 * @throws UnsupportedError (`option`), CancelledError, what `System.compute` throws
 */
export async function relax(system: System, options: RelaxationOptions = {}): Promise<RelaxationProgress> {
  const { optimizer = 'lbfgs', fmax = 0.05, steps: most = 1000, fixed = [], observe, cancellation } = options;
  const { offsets } = system;
  const count = offsets.length - 1;
  check(optimizer, fmax, most, fixed, offsets.at(-1)!);
  const positions = Float64Array.from(system.structures().flatMap((one) => [...one.positions]));
  const forces = new Float64Array(positions.length);
  const isConverged = new Array<boolean>(count).fill(false);
  const progress: RelaxationProgress = {
    energies: new Float64Array(count),
    largestForces: new Float64Array(count),
    steps: new Int32Array(count),
    isConverged,
  };
  const own = Array.from({ length: count }, () => optimizers[optimizer]());
  for (;;) {
    if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
    await system.compute({ into: { energies: progress.energies, forces }, ...(cancellation && { cancellation }) });
    for (const atom of fixed) forces.fill(0, 3 * atom, 3 * atom + 3);
    let isMoved = false;
    own.forEach((one, g) => {
      const [from, to] = [3 * offsets[g]!, 3 * offsets[g + 1]!];
      const [at, pull] = [positions.subarray(from, to), forces.subarray(from, to)];
      progress.largestForces[g] = longest(pull);
      isConverged[g] = progress.largestForces[g]! <= fmax;
      if (isConverged[g] || progress.steps[g]! >= most) return;
      one.step(at, pull).forEach((way, i) => (at[i]! += way));
      progress.steps[g]!++;
      isMoved = true;
    });
    await observe?.(progress);
    if (!isMoved) return progress;
    system.update(positions);
  }
}

function check(optimizer: string, fmax: number, steps: number, fixed: readonly number[], atoms: number): void {
  if (!Object.hasOwn(optimizers, optimizer))
    refuse('optimizer', optimizer, `one of ${Object.keys(optimizers).join(', ')}`);
  if (!(fmax > 0 && Number.isFinite(fmax))) refuse('fmax', fmax, 'a number above 0, in eV/Å');
  if (!(Number.isInteger(steps) && steps >= 0)) refuse('steps', steps, 'a whole number from 0 on');
  const wrong = fixed.find((atom) => !(Number.isInteger(atom) && atom >= 0 && atom < atoms));
  if (wrong !== undefined) refuse('fixed', wrong, `numbers of atoms from 0 to ${atoms - 1}`);
}
