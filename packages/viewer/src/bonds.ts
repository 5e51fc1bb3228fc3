/**
 * Which atoms are drawn as bonded: those nearer than the sum of their covalent radii and 0.45 Å, as in Jmol and Open Babel, also through
 * the walls of a periodic cell.
 *
 * Pairs a little farther apart are kept as well. Until an atom has moved by half of that margin no other pair can have become a bond, so
 * that a frame of dynamics only measures what is kept: what it finds is what a search of its own would.
 */
import { covalentRadii } from '@mace/core/structure';
import type { Basis } from './cell.js';
import { nearPairs, type NearPairs } from './near-pairs.js';

const tolerance = 0.45;
/** Å */
const margin = 0.6;

/** A bond: its atoms, and the vector from the one to the (image of the) other, Å; `isWhole` where both are drawn at its ends. */
export type BondVisitor = (first: number, second: number, vector: Float64Array, isWhole: boolean) => void;

export class Bonds {
  /** How often pairs were searched. */
  searches = 0;
  #numbers: readonly number[] = [];
  #radii = new Float64Array(0);
  #basis: Basis | undefined;
  #searchedAt = new Float64Array(0);
  #pairs: NearPairs | undefined;

  /**
   * Tells every bond.
   * @param x - as given, Å [atoms 3] @param wraps - lattice vectors by which atoms are drawn elsewhere [atoms 3]
   */
  each(numbers: ArrayLike<number>, x: ArrayLike<number>, wraps: Int32Array, basis: Basis, visit: BondVisitor): void {
    if (!this.#isNear(numbers, x, basis)) this.#search(numbers, x, basis);
    const pairs = this.#pairs;
    if (!pairs) return;
    const { rows } = basis;
    const vector = new Float64Array(3);
    for (let p = 0; p < pairs.count; p++) {
      const i = pairs.first[p]!;
      const j = pairs.second[p]!;
      const a = pairs.shifts[3 * p]!;
      const b = pairs.shifts[3 * p + 1]!;
      const c = pairs.shifts[3 * p + 2]!;
      for (let axis = 0; axis < 3; axis++)
        vector[axis] =
          x[3 * j + axis]! - x[3 * i + axis]! + a * rows[axis]! + b * rows[3 + axis]! + c * rows[6 + axis]!;
      const square = vector[0]! ** 2 + vector[1]! ** 2 + vector[2]! ** 2;
      if (square >= (this.#radii[i]! + this.#radii[j]! + tolerance) ** 2) continue;
      const isWhole =
        a === wraps[3 * j]! - wraps[3 * i]! &&
        b === wraps[3 * j + 1]! - wraps[3 * i + 1]! &&
        c === wraps[3 * j + 2]! - wraps[3 * i + 2]!;
      visit(i, j, vector, isWhole);
    }
  }

  /** Whether the pairs that are kept hold every bond. */
  #isNear(numbers: ArrayLike<number>, x: ArrayLike<number>, basis: Basis): boolean {
    const known = this.#basis;
    if (!known || numbers.length !== this.#numbers.length) return false;
    if (!this.#numbers.every((number, i) => number === numbers[i])) return false;
    if (!known.periodic.every((is, k) => is === basis.periodic[k])) return false;
    if (!known.rows.every((value, k) => value === basis.rows[k])) return false;
    for (let i = 0; i < x.length; i += 3) {
      const moved =
        (x[i]! - this.#searchedAt[i]!) ** 2 +
        (x[i + 1]! - this.#searchedAt[i + 1]!) ** 2 +
        (x[i + 2]! - this.#searchedAt[i + 2]!) ** 2;
      if (moved > (margin / 2) ** 2) return false;
    }
    return true;
  }

  #search(numbers: ArrayLike<number>, x: ArrayLike<number>, basis: Basis): void {
    this.searches++;
    this.#numbers = Array.from(numbers);
    this.#radii = Float64Array.from(numbers, (number) => covalentRadii[number]!);
    this.#basis = basis;
    this.#searchedAt = Float64Array.from(x);
    const reaches = this.#radii.map((radius) => radius + (tolerance + margin) / 2);
    this.#pairs = nearPairs(x, reaches, basis);
  }
}
