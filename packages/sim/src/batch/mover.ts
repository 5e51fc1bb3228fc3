/** What a batch does with each of its structures: a relaxation is one, an evaluation another. */
import type { Structure } from '@mace/core/structure';
import type { Computed } from '../relaxation/relaxation.js';

/** One structure on its way, which depends on nothing else. */
export interface Mover {
  /** Where it is to be computed next; once it has arrived, where it is. Elements, cell or none, and what is periodic stay. */
  readonly structure: Structure;
  /**
   * Takes what was computed of `structure`; `stress` is there where all three directions are periodic. What it throws is its own failure,
   * and others go on.
   * @returns whether there is more to compute
   */
  step(computed: Computed): boolean;
}
