/** Pairs of atoms that may be bonded, found with bins in time proportional to the atoms, through the walls of a periodic cell too. */
import { translated, type Basis } from './cell.js';

export interface NearPairs {
  readonly count: number;
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Lattice vectors between `first` and the image of `second` that is near [pairs 3]. */
  readonly shifts: Int32Array;
}

/** More pairs than this for an atom are no chemistry. */
const mostPairs = 64;

/**
 * Every pair nearer than the sum of its reaches, once; undefined where atoms are so dense that bonds would say nothing.
 * @param x - Å [atoms 3] @param reaches - Å [atoms]
 */
export function nearPairs(x: ArrayLike<number>, reaches: Float64Array, basis: Basis): NearPairs | undefined {
  const atoms = reaches.length;
  let reach = 0;
  for (const one of reaches) reach = Math.max(reach, 2 * one);
  const bins = binned(x, basis, reach);
  const most = mostPairs * atoms;
  let [count, room] = [0, 8 * atoms + 16];
  let [first, second, shifts] = [new Int32Array(room), new Int32Array(room), new Int32Array(3 * room)];
  const { rows } = basis;
  const { places, wraps } = bins;
  const s = [0, 0, 0];
  for (let i = 0; i < atoms; i++) {
    const [px, py, pz] = [places[3 * i]!, places[3 * i + 1]!, places[3 * i + 2]!];
    const reachOfOne = reaches[i]!;
    for (const { from, to, shift } of bins.around(i)) {
      const [a, b, c] = shift;
      const dx = a * rows[0]! + b * rows[3]! + c * rows[6]! - px;
      const dy = a * rows[1]! + b * rows[4]! + c * rows[7]! - py;
      const dz = a * rows[2]! + b * rows[5]! + c * rows[8]! - pz;
      for (let k = from; k < to; k++) {
        const j = bins.atoms[k]!;
        if (j < i || (j === i && !isForward(shift))) continue;
        const square = (places[3 * j]! + dx) ** 2 + (places[3 * j + 1]! + dy) ** 2 + (places[3 * j + 2]! + dz) ** 2;
        if (square >= (reachOfOne + reaches[j]!) ** 2) continue;
        if (count === most) return undefined;
        if (count === room) {
          room *= 2;
          [first, second, shifts] = [grown(first, room), grown(second, room), grown(shifts, 3 * room)];
        }
        // Bins hold wrapped atoms; shifts are between those that were given.
        for (let axis = 0; axis < 3; axis++) s[axis] = shift[axis]! + wraps[3 * j + axis]! - wraps[3 * i + axis]!;
        first[count] = i;
        second[count] = j;
        shifts.set(s, 3 * count++);
      }
    }
  }
  return { count, first, second, shifts };
}

/** Of a pair of images of one atom, one of the two directions. */
function isForward([a, b, c]: readonly number[]): boolean {
  return a! > 0 || (a === 0 && (b! > 0 || (b === 0 && c! > 0)));
}

function grown(values: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length);
  more.set(values);
  return more;
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Lattice vectors to add to atoms of the range [3]. */
  readonly shift: readonly [number, number, number];
}

/** Atoms sorted by bins along the vectors of the basis. */
function binned(x: ArrayLike<number>, basis: Basis, reach: number) {
  const { inverse, periodic } = basis;
  const count = x.length / 3;
  const fractions = new Float64Array(3 * count);
  const wraps = new Int32Array(3 * count);
  const [low, high] = [
    [0, 0, 0],
    [1, 1, 1],
  ];
  for (let k = 0; k < 3; k++) {
    if (!periodic[k]) [low[k], high[k]] = [Infinity, -Infinity];
    for (let i = 0; i < 3 * count; i += 3) {
      const fraction = x[i]! * inverse[k]! + x[i + 1]! * inverse[3 + k]! + x[i + 2]! * inverse[6 + k]!;
      if (periodic[k]) wraps[i + k] = -Math.floor(fraction);
      fractions[i + k] = fraction + wraps[i + k]!;
      if (!periodic[k]) [low[k], high[k]] = [Math.min(low[k]!, fraction), Math.max(high[k]!, fraction)];
    }
  }
  // Between opposite walls of the whole, Å.
  const heights = [0, 1, 2].map(
    (k) => (high[k]! - low[k]!) / Math.hypot(inverse[k]!, inverse[3 + k]!, inverse[6 + k]!),
  );
  const most = Math.max(1, Math.ceil(2 * Math.cbrt(count)));
  const sizes = heights.map((height) => Math.max(1, Math.min(most, Math.floor(height / reach))));
  const binOf = (i: number, k: number): number =>
    Math.min(sizes[k]! - 1, Math.floor(((fractions[3 * i + k]! - low[k]!) / (high[k]! - low[k]! || 1)) * sizes[k]!));
  const binsOfAtoms = Int32Array.from(
    { length: count },
    (_, i) => (binOf(i, 0) * sizes[1]! + binOf(i, 1)) * sizes[2]! + binOf(i, 2),
  );
  const starts = new Int32Array(sizes[0]! * sizes[1]! * sizes[2]! + 1);
  for (const bin of binsOfAtoms) starts[bin + 1]!++;
  for (let bin = 1; bin < starts.length; bin++) starts[bin]! += starts[bin - 1]!;
  const next = starts.slice();
  const atoms = new Int32Array(count);
  binsOfAtoms.forEach((bin, i) => (atoms[next[bin]!++] = i));
  const runs = sizes.map((size, k) => runsAlong(size, periodic[k]!, (reach * size) / heights[k]!));
  const known = new Map<number, readonly Range[]>();

  /** What may be near an atom, as ranges of `atoms`. */
  function around(i: number): readonly Range[] {
    const bin = binsOfAtoms[i]!;
    const found = known.get(bin);
    if (found) return found;
    const ranges: Range[] = [];
    const [sizeB, sizeC] = [sizes[1]!, sizes[2]!];
    const runsOfC = runs[2]![bin % sizeC]!;
    for (const inA of runs[0]![Math.floor(bin / (sizeB * sizeC))]!)
      for (let a = inA.first; a <= inA.last; a++)
        for (const inB of runs[1]![Math.floor(bin / sizeC) % sizeB]!)
          for (let b = inB.first; b <= inB.last; b++)
            for (const inC of runsOfC) {
              const row = (a * sizeB + b) * sizeC;
              const [from, to] = [starts[row + inC.first]!, starts[row + inC.last + 1]!];
              if (from < to) ranges.push({ from, to, shift: [inA.shift, inB.shift, inC.shift] });
            }
    known.set(bin, ranges);
    return ranges;
  }
  return { atoms, wraps, places: translated(x, wraps, basis), around };
}

/** Neighbouring bins of one direction, all in the same cell. */
interface Run {
  readonly first: number;
  readonly last: number;
  /** Lattice vectors from where the bin is that has them as neighbours. */
  readonly shift: number;
}

/** For each of the bins of a direction those that lie within its reach. @param reach - in bins */
function runsAlong(size: number, isPeriodic: boolean, reach: number): readonly (readonly Run[])[] {
  const span = isPeriodic ? Math.ceil(reach) : 1;
  return Array.from({ length: size }, (_, own) => {
    if (!isPeriodic) return [{ first: Math.max(0, own - span), last: Math.min(size - 1, own + span), shift: 0 }];
    const runs: Run[] = [];
    for (let shift = Math.floor((own - span) / size); shift * size <= own + span; shift++) {
      const first = Math.max(0, own - span - shift * size);
      runs.push({ first, last: Math.min(size - 1, own + span - shift * size), shift });
    }
    return runs;
  });
}
