/** What a batch does with each of its structures: an evaluation, a relaxation, anything that goes from forces to other places. */
import type { Structure } from '@mace/core/structure';

/** What was computed of a structure where it is; the arrays are its own. */
export interface Computed {
  /** eV */
  readonly energy: number;
  /** eV/Å [atoms 3] */
  readonly forces: Float64Array;
  /** eV/Å³ [3 3], positive under tension; null without three periodic directions */
  readonly stress: Float64Array | null;
}

/** Where a structure goes. */
export interface Place {
  /** Å [atoms 3] */
  readonly positions: Float64Array;
  /** Å [3 3], rows are lattice vectors; null where there is no cell */
  readonly cell: Float64Array | null;
}

/** One structure on its way, which depends on nothing else. */
export interface Mover {
  /** Where it begins. */
  readonly structure: Structure;
  /**
   * Takes what was computed where it is. What it throws is its own failure, and others go on.
   * @returns where it is computed next; null where it has arrived
   */
  next(computed: Computed): Place | null;
}
