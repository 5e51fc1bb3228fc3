/** Pairs of atoms that may be bonded, found with bins in time proportional to the atoms, through the walls of a periodic cell too. */
import type { Basis } from './cell.js';

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
  const s = [0, 0, 0];
  for (let i = 0; i < atoms; i++)
    for (const { from, to, shift } of bins.around(i))
      for (let k = from; k < to; k++) {
        const j = bins.atoms[k]!;
        if (j < i) continue;
        // Bins hold wrapped atoms; shifts are between those that were given.
        for (let a = 0; a < 3; a++) s[a] = shift[a]! + bins.wraps[3 * j + a]! - bins.wraps[3 * i + a]!;
        if (j === i && !isForward(s)) continue;
        let square = 0;
        for (let a = 0; a < 3; a++)
          square +=
            (x[3 * j + a]! - x[3 * i + a]! + s[0]! * rows[a]! + s[1]! * rows[3 + a]! + s[2]! * rows[6 + a]!) ** 2;
        if (square >= (reaches[i]! + reaches[j]!) ** 2) continue;
        if (count === most) return undefined;
        if (count === room) {
          room *= 2;
          [first, second, shifts] = [grown(first, room), grown(second, room), grown(shifts, 3 * room)];
        }
        first[count] = i;
        second[count] = j;
        shifts.set(s, 3 * count++);
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
  readonly shift: readonly number[];
}

/** Atoms sorted by bins along the vectors of the basis. */
function binned(x: ArrayLike<number>, { inverse, periodic }: Basis, reach: number) {
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
  const places = Int32Array.from(
    { length: count },
    (_, i) => (binOf(i, 0) * sizes[1]! + binOf(i, 1)) * sizes[2]! + binOf(i, 2),
  );
  const starts = new Int32Array(sizes[0]! * sizes[1]! * sizes[2]! + 1);
  for (const place of places) starts[place + 1]!++;
  for (let bin = 1; bin < starts.length; bin++) starts[bin]! += starts[bin - 1]!;
  const next = starts.slice();
  const atoms = new Int32Array(count);
  places.forEach((place, i) => (atoms[next[place]!++] = i));
  const spans = heights.map((height, k) =>
    periodic[k] ? Math.ceil((reach * sizes[k]!) / height) : Math.min(1, sizes[k]! - 1),
  );
  const known = new Map<number, Range[]>();

  /** Bins that may hold what is near an atom, as ranges of `atoms`. */
  function around(i: number): readonly Range[] {
    const place = places[i]!;
    const found = known.get(place);
    if (found) return found;
    const ranges: Range[] = [];
    const own = [
      Math.floor(place / (sizes[1]! * sizes[2]!)),
      Math.floor(place / sizes[2]!) % sizes[1]!,
      place % sizes[2]!,
    ];
    const way = [0, 0, 0];
    const shift = [0, 0, 0];
    const bin = [0, 0, 0];
    const step = (k: number): void => {
      if (k === 3) {
        const at = (bin[0]! * sizes[1]! + bin[1]!) * sizes[2]! + bin[2]!;
        if (starts[at] !== starts[at + 1]) ranges.push({ from: starts[at]!, to: starts[at + 1]!, shift: [...shift] });
        return;
      }
      for (way[k] = -spans[k]!; way[k]! <= spans[k]!; way[k]!++) {
        const to = own[k]! + way[k]!;
        shift[k] = periodic[k] ? Math.floor(to / sizes[k]!) : 0;
        bin[k] = to - shift[k]! * sizes[k]!;
        if (bin[k]! >= 0 && bin[k]! < sizes[k]!) step(k + 1);
      }
    };
    step(0);
    known.set(place, ranges);
    return ranges;
  }
  return { atoms, wraps, around };
}
