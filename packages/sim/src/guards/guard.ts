/** What watches over a run, and stops it before days of nonsense are written. */
import type { Structure } from '@mace/core/structure';

/** One structure after a step. Arrays are in place: to be read, not kept. */
export interface Watched {
  readonly step: number;
  /** As the run was given it. */
  readonly start: Structure;
  /** [atoms 3], Å */
  readonly positions: Float64Array;
  /** [atoms 3], eV/Å */
  readonly forces: Float64Array;
  /** Rows are lattice vectors [9], Å; null without a cell. */
  readonly cell: Float64Array | null;
  /** eV */
  readonly energy: number;
  /** K */
  readonly temperature: number;
  /** What the ensemble keeps, and what it was after the first step, eV. */
  readonly conserved: number;
  readonly conservedAtStart: number;
}

/** Says at once, in one sentence, what is wrong and what to do, or null. Asked at every line of the log. */
export type Guard = (now: Watched) => string | null;
