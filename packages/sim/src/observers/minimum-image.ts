/** Distances of atoms to the nearest image of another, whatever the shape of the cell. */
import { cellHeights, cellInverse, completeCell } from '@mace/core/structure';
import type { Frame } from './observer.js';

/** The largest radius within which a pair of atoms has one image: half the smallest height along a periodic direction, Å. */
export function largestRadius({ cell, pbc }: Pick<Frame, 'cell' | 'pbc'>): number {
  const heights = pbc.some(Boolean) ? cellHeights(completeCell(cell, pbc)) : [];
  return Math.min(...Array.from(heights, (height, k) => (pbc[k] ? height / 2 : Infinity)), Infinity);
}

/** Of two atoms of a frame, Å. */
export interface Distances {
  /** The shortest, however long it is. */
  shortest(first: number, second: number): number;
}

/**
 * A vector of length d has fractions of at most d/h along directions of height h. So where d is below h/2, the image of the pair is the
 * one whose fractions are rounded to the nearest; and of longer ones only so many images need to be tried.
 */
export function distancesOf({ positions, cell: given, pbc }: Frame): Distances {
  const cell = completeCell(given, pbc);
  const [inverse, heights] = [cellInverse(cell), cellHeights(cell)];
  const length = (a: number, b: number, c: number): number =>
    Math.sqrt(
      (a * cell[0]! + b * cell[3]! + c * cell[6]!) ** 2 +
        (a * cell[1]! + b * cell[4]! + c * cell[7]!) ** 2 +
        (a * cell[2]! + b * cell[5]! + c * cell[8]!) ** 2,
    );
  const fraction = (first: number, second: number, k: 0 | 1 | 2): number => {
    const [i, j] = [3 * first, 3 * second];
    const value =
      (positions[j]! - positions[i]!) * inverse[k]! +
      (positions[j + 1]! - positions[i + 1]!) * inverse[3 + k]! +
      (positions[j + 2]! - positions[i + 2]!) * inverse[6 + k]!;
    return pbc[k] ? value - Math.round(value) : value;
  };
  const near = (first: number, second: number): number =>
    length(fraction(first, second, 0), fraction(first, second, 1), fraction(first, second, 2));
  const half = largestRadius({ cell, pbc });
  return {
    shortest: (first, second) => {
      let least = near(first, second);
      if (least <= half) return least;
      const [a, b, c] = ([0, 1, 2] as const).map((k) => {
        const nearest = fraction(first, second, k);
        const most = pbc[k] ? Math.ceil(least / heights[k]!) : 0;
        return Array.from({ length: 2 * most + 1 }, (_, n) => nearest + n - most);
      }) as [number[], number[], number[]];
      for (const i of a) for (const j of b) for (const k of c) least = Math.min(least, length(i, j, k));
      return least;
    },
  };
}
