/** How far results are from what a law demands, and how large they are. */
import type { Result } from '@mace/core';
import { largestDifference, rms } from '../../tolerance.js';

export const quantities = ['energy', 'forces', 'stress'] as const;
export type Quantity = (typeof quantities)[number];

/** Largest deviations (eV, eV/Å, eV/Å³) and the size of what deviates. */
export class Deviation {
  readonly error: Record<Quantity, number> = { energy: 0, forces: 0, stress: 0 };
  readonly scale: Record<Quantity, number> = { energy: 0, forces: 0, stress: 0 };
  /** Structure that showed the largest deviation of each. */
  readonly at: Partial<Record<Quantity, string>> = {};
  /** Atoms of the largest structure whose energy was compared. */
  atoms = 1;

  note(quantity: Quantity, found: ArrayLike<number>, wanted: ArrayLike<number>, where: string): void {
    const error = found.length === wanted.length ? largestDifference(found, wanted) : Infinity;
    if (error > this.error[quantity] || Number.isNaN(error)) {
      this.error[quantity] = error;
      this.at[quantity] = where;
    }
    this.scale[quantity] = Math.max(this.scale[quantity], rms(found), rms(wanted));
  }

  /** All three of a result against what it should be; those absent from `wanted` are left out. */
  compare(found: Result, wanted: Partial<Pick<Result, Quantity>>, where: string): void {
    if (wanted.energy !== undefined) {
      this.atoms = Math.max(this.atoms, found.atoms);
      this.note('energy', [found.energy], [wanted.energy], where);
    }
    if (wanted.forces) this.note('forces', found.forces ?? [], wanted.forces, where);
    if (wanted.stress) this.note('stress', found.stress ?? [], wanted.stress, where);
  }
}
