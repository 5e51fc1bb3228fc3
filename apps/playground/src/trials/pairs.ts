/** Backends against each other: the largest differences of what they computed of the same structures. */
import type { Result } from '@mace/core';
import { ceilings } from '@mace/conformance';
import type { BackendName } from '../engine/backend-list.js';
import type { Precision } from './chosen.js';

export interface Compared {
  readonly backend: BackendName;
  readonly results: readonly Result[];
}

export interface PairOfBackends {
  readonly a: BackendName;
  readonly b: BackendName;
  /** Largest difference, eV/atom. */
  readonly energy: number;
  /** Largest difference of a component, eV/Å. */
  readonly forces: number;
  /** Of what is allowed: two results may each be off by the ceiling of the kit. */
  readonly fraction: number;
}

/** Every two of them. A result that is not a number is infinitely far from every other. */
export function pairsOf(all: readonly Compared[], precision: Precision): PairOfBackends[] {
  const allowed = ceilings[precision];
  return all.flatMap(({ backend: b, results: second }, j) =>
    all.slice(0, j).map(({ backend: a, results: first }) => {
      const energy = largest(first.map((one, i) => Math.abs(one.energy - second[i]!.energy) / one.atoms));
      const forces = largest(first.map((one, i) => largestBetween(one.forces!, second[i]!.forces!)));
      const fraction = Math.max(energy / (2 * allowed.energy), forces / (2 * allowed.forces));
      return { a, b, energy, forces, fraction };
    }),
  );
}

/** The largest difference of two lists of equal length; infinite where one is not a number. */
export function largestBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return largest(Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => (value <= most ? most : Number.isNaN(value) ? Infinity : value), 0);
}
