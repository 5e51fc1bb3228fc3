/**
 * Atoms sorted into the bins of a regular grid over their frame, by counting sort. Internal to the neighbor search.
 *
 * The bins of one row along the third edge are adjacent, so a range of them is one run of atoms.
 */
import type { Frame } from './frame.js';

export interface Bins {
  /** Number of bins along each edge of the frame. */
  readonly counts: readonly [number, number, number];
  /** First position in `atoms` of each bin; one longer than the number of bins. */
  readonly starts: Int32Array;
  /** Atoms grouped by bin, ascending within one. */
  readonly atoms: Int32Array;
}

/** Bins per atom at most; a nearly empty frame gets coarser bins instead of more memory. */
const binsPerAtom = 32;

/** Sorts atoms into bins whose heights are at least `sizes` [3], Å; `heights` [3], Å, are those of the frame. */
export function makeBins(frame: Frame, heights: readonly number[], sizes: readonly number[]): Bins {
  const atoms = frame.fractions.length / 3;
  const limit = binsPerAtom * atoms + 64;
  const wanted = [0, 1, 2].map((k) => Math.max(1, heights[k]! / sizes[k]!));
  for (
    let product = wanted[0]! * wanted[1]! * wanted[2]!;
    product > limit;
    product = wanted[0]! * wanted[1]! * wanted[2]!
  ) {
    const divisible = wanted.filter((count) => count > 1).length;
    const factor = Math.max(1.0001, (product / limit) ** (1 / divisible));
    for (let k = 0; k < 3; k++) wanted[k] = Math.max(1, wanted[k]! / factor);
  }
  const [n0, n1, n2] = wanted.map(Math.floor) as [number, number, number];

  const { fractions } = frame;
  const bin = new Int32Array(atoms);
  const starts = new Int32Array(n0 * n1 * n2 + 1);
  for (let atom = 0; atom < atoms; atom++) {
    // A fraction may round up to 1.
    const p = Math.min(n0 - 1, Math.floor(fractions[3 * atom]! * n0));
    const q = Math.min(n1 - 1, Math.floor(fractions[3 * atom + 1]! * n1));
    const r = Math.min(n2 - 1, Math.floor(fractions[3 * atom + 2]! * n2));
    bin[atom] = (p * n1 + q) * n2 + r;
    starts[bin[atom]! + 1]!++;
  }
  for (let b = 0; b < starts.length - 1; b++) starts[b + 1]! += starts[b]!;
  const next = starts.slice();
  const sorted = new Int32Array(atoms);
  for (let atom = 0; atom < atoms; atom++) sorted[next[bin[atom]!]!++] = atom;
  return { counts: [n0, n1, n2], starts, atoms: sorted };
}
