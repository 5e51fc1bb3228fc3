/** The relaxation of one structure, told what was computed of it: it belongs to no system, and can go from one to another. */
import { StructureError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { Constraint } from '../constraints/constraint.js';
import { massesOf } from '../units.js';
import { checkedOptions, type CheckedOptions, type RelaxationOptions } from './options.js';
import { longest } from './optimizer.js';

/** What was computed of one structure. */
export interface Computed {
  /** eV */
  readonly energy: number;
  /** [atoms 3], eV/Å */
  readonly forces: Float64Array;
  /** [3 3], eV/Å³; needed where the cell is relaxed */
  readonly stress?: Float64Array;
}

/** A structure of the path, with what was computed of it; never changed in place. */
export type ComputedStructure = Computed & { readonly structure: Structure };

/**
 * `converged`; `out-of-steps`; `stuck`: the optimizer knows no way on, usually because the energy is no better than its noise.
 */
export type RelaxationEnd = 'converged' | 'out-of-steps' | 'stuck';

/**
 * Prepares the relaxation of a structure, which then waits for what is computed of `relaxation.structure`.
 * @param index - of the structure, for `constraints`
 * @throws UnsupportedError (`option`), what `constraints` throws
 */
export async function startRelaxation(
  structure: Structure,
  options: RelaxationOptions = {},
  index = 0,
): Promise<Relaxation> {
  const checked = checkedOptions(options);
  return new Relaxation(structure, checked, (await options.constraints?.(structure, index)) ?? []);
}

/**
 * The path of one structure. Compute `structure`, give the results to `step`, and so on until that says false. The path is a function of
 * what is computed only; the optimizer's memory is here, so the structure may be bound to another system at any time.
 */
export class Relaxation {
  /** What was computed last; undefined before the first time. */
  last: ComputedStructure | undefined;
  /** eV/Å: the largest force on what may move, at `last`. */
  largestForce = NaN;
  /** Steps that were made. */
  steps = 0;
  /** How often `step` was told something: more than steps with a line search. */
  evaluations = 0;
  /** Undefined while it goes on. */
  end: RelaxationEnd | undefined;
  #structure: Structure;
  readonly #masses: Float64Array;
  #state: unknown;

  /** Made by `startRelaxation`. */
  constructor(
    structure: Structure,
    readonly options: CheckedOptions,
    readonly constraints: readonly Constraint[],
  ) {
    this.#structure = structure;
    this.#masses = massesOf(structure.numbers);
  }

  /** Where to compute next, or where it ended. */
  get structure(): Structure {
    return this.#structure;
  }

  get isConverged(): boolean {
    return this.end === 'converged';
  }

  /**
   * Takes what was computed of `structure`, and moves on.
   * @returns whether there is more to compute; if not, `structure` stays and `end` says why
   * @throws StructureError when forces are not finite
   */
  step({ energy, forces, stress }: Computed): boolean {
    if (this.end) return false;
    this.evaluations++;
    const structure = this.#structure;
    this.last = { structure, energy, forces: forces.slice(), ...(stress && { stress: stress.slice() }) };
    const { positions } = structure;
    const pull = forces.slice();
    for (const constraint of this.constraints) constraint.adjustForces(positions, pull);
    this.largestForce = longest(pull);
    if (!Number.isFinite(this.largestForce + energy))
      throw new StructureError(
        `Relaxation, step ${this.steps}: the energy is ${energy} eV and the largest force ${this.largestForce} eV/Å; expected finite numbers. Look for atoms that are too close.`,
      );
    if (this.largestForce <= this.options.fmax) return this.#ends('converged');
    const point = { coordinates: positions, forces: pull, energy };
    const { state, next, isTrial = false } = this.options.optimizer(this.#state, point);
    if (!next) return this.#ends('stuck');
    if (!isTrial && this.steps >= this.options.steps) return this.#ends('out-of-steps');
    if (!isTrial) this.steps++;
    this.#state = state;
    const allowed = next.slice();
    for (const constraint of this.constraints) constraint.adjustPositions(positions, allowed, this.#masses);
    this.#structure = { ...structure, positions: allowed };
    return true;
  }

  #ends(end: RelaxationEnd): false {
    this.end = end;
    return false;
  }
}
