/** Numbers of upstream MACE for one model on one structure. */
import type { MaceModel } from '@mace/core/model';
import type { Structure } from '@mace/core/structure';

export interface GoldenEntry {
  /** Part of the path: `golden/NAME`. */
  readonly name: string;
  /** Read when the case runs. */
  readonly model: () => MaceModel | Promise<MaceModel>;
  readonly structure: Structure;
  readonly head?: string;
  /** What upstream computes in float64. */
  readonly expected: {
    /** eV */
    readonly energy: number;
    /** eV/Å [atoms 3] */
    readonly forces: ArrayLike<number>;
    /** eV [3 3] */
    readonly virial?: ArrayLike<number>;
    /** eV/Å³ [3 3]; only where all three directions are periodic. */
    readonly stress?: ArrayLike<number>;
  };
  /** What upstream computes in float32, where its own error is above the ceiling: twice that error is then allowed. */
  readonly float32?: {
    /** eV/Å³ [3 3] */
    readonly stress?: ArrayLike<number>;
  };
}
