/** The relaxation of one structure, told what was computed of it: it belongs to no system, and can go from one to another. */
import { StructureError } from '@mace/core';
import { cellInverse, type Structure } from '@mace/core/structure';
import type { Constraint } from '../constraints/constraint.js';
import { applyTogether } from '../constraints/together.js';
import { multiply } from '../matrices.js';
import { massesOf } from '../units.js';
import { CellFilter } from './cell-filter.js';
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
 * @throws UnsupportedError (`option`), StructureError for a cell that cannot be relaxed, what `constraints` throws
 */
export async function startRelaxation(
  structure: Structure,
  options: RelaxationOptions = {},
  index = 0,
): Promise<Relaxation> {
  const checked = checkedOptions(options);
  if (checked.cell && !(structure.cell && structure.pbc.every(Boolean)))
    throw new StructureError(
      `Structure ${index}: its cell cannot be relaxed, since it is periodic in ${structure.cell ? structure.pbc.filter(Boolean).length : 0} directions; expected 3, because stress and pressure need a volume. Relax its atoms only.`,
    );
  return new Relaxation(structure, checked, (await options.constraints?.(structure, index)) ?? []);
}

/**
 * The path of one structure. Compute `structure`, give the results to `step`, and so on until that says false. The path is a function of
 * what is computed only; the optimizer's memory is here, so the structure may be bound to another system at any time.
 */
export class Relaxation {
  /** What was computed last; undefined before the first time. */
  last: ComputedStructure | undefined;
  /** eV/Å: the largest force on what may move, at `last`; on the cell too, unless `smax` is given. */
  largestForce = NaN;
  /** eV/Å³: the largest component of the stress that may change, less the pressure from outside, at `last`; NaN where cells are not relaxed. */
  largestStress = NaN;
  /** Steps that were made. */
  steps = 0;
  /** How often `step` was told something: more than steps with a line search. */
  evaluations = 0;
  /** Undefined while it goes on. */
  end: RelaxationEnd | undefined;
  #structure: Structure;
  readonly #masses: Float64Array;
  readonly #filter: CellFilter | undefined;
  #state: unknown;

  /** Made by `startRelaxation`. */
  constructor(
    structure: Structure,
    readonly options: CheckedOptions,
    readonly constraints: readonly Constraint[],
  ) {
    this.#structure = structure;
    this.#masses = massesOf(structure.numbers);
    this.#filter = options.cell && new CellFilter(structure, options.cell);
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
    const pull = this.#pull(structure, this.last);
    if (!Number.isFinite(this.largestForce + energy) || (this.#filter && !Number.isFinite(this.largestStress)))
      throw new StructureError(
        `Relaxation, step ${this.steps}: the energy is ${energy} eV, the largest force ${this.largestForce} eV/Å${this.#filter ? `, the largest stress ${this.largestStress} eV/Å³` : ''}; expected finite numbers. Look for atoms that are too close.`,
      );
    const { smax, fmax, optimizer, steps } = this.options;
    if (this.largestForce <= fmax && (smax === undefined || this.largestStress <= smax)) return this.#ends('converged');
    const point = {
      coordinates: this.#filter?.coordinates(structure) ?? structure.positions,
      forces: pull,
      energy: this.#filter?.energy(structure, energy) ?? energy,
    };
    const { state, next, isTrial = false } = optimizer(this.#state, point);
    if (!next) return this.#ends('stuck');
    if (!isTrial && this.steps >= steps) return this.#ends('out-of-steps');
    if (!isTrial) this.steps++;
    this.#state = state;
    this.#structure = this.#moved(structure, next);
    return true;
  }

  /** What pulls at the coordinates [rows 3], eV/Å, less what constraints hold. */
  #pull(structure: Structure, { forces, stress }: Computed): Float64Array {
    const { positions, cell } = structure;
    const own = forces.slice();
    applyTogether(this.constraints, own, (one) => one.adjustForces(positions, own, this.#masses, cell ?? undefined));
    this.largestForce = longest(own);
    if (!this.#filter) return own;
    if (!stress)
      throw new StructureError(
        'Relaxation of the cell: nothing was said of its stress. Compute it: name stress in properties of bind.',
      );
    const allowed = stress.slice();
    for (const one of this.constraints) one.adjustStress?.(cell!, allowed);
    const all = this.#filter.forces(structure, own, allowed);
    if (this.options.smax === undefined) this.largestForce = longest(all.forces);
    this.largestStress = all.stress.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
    return all.forces;
  }

  /** To coordinates, or as near as constraints allow. */
  #moved(structure: Structure, next: Float64Array): Structure {
    if (!this.#filter) {
      const positions = next.slice();
      this.#constrain(structure.positions, positions, structure.cell);
      return { ...structure, positions };
    }
    const { positions, cell } = this.#filter.place(next);
    for (const one of this.constraints) one.adjustCell?.(structure.cell!, cell);
    // Atoms that may not move go with the cell.
    this.#constrain(multiply(structure.positions, multiply(cellInverse(structure.cell!), cell)), positions, cell);
    return { ...structure, positions, cell };
  }

  #constrain(positions: Float64Array, next: Float64Array, cell: Float64Array | null): void {
    applyTogether(this.constraints, next, (one) =>
      one.adjustPositions(positions, next, this.#masses, cell ?? undefined),
    );
  }

  #ends(end: RelaxationEnd): false {
    this.end = end;
    return false;
  }
}
