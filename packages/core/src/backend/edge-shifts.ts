/** The different shifts of a geometry: an edge vector is a difference of two atoms and one of few shifts. */
import type { EdgeGeometry, RealArray } from './contract.js';

export interface DifferentShifts {
  /** The shift of each edge [edges]. */
  readonly shiftOf: Int32Array;
  /** Structure and whole cells of each shift [shifts 4]. */
  readonly shifts: Int32Array;
}

export function differentShifts({ sender, shifts, structure }: EdgeGeometry): DifferentShifts {
  const numbering = new Numbering(sender.length);
  const shiftOf = sender.map((atom, edge) =>
    numbering.of(structure[atom]!, shifts[3 * edge]!, shifts[3 * edge + 1]!, shifts[3 * edge + 2]!),
  );
  return { shiftOf, shifts: numbering.all() };
}

/** shift·cell of each [shifts 3], Å. */
export function shiftVectors(shifts: Int32Array, cells: RealArray): Float64Array {
  const vectors = new Float64Array((shifts.length / 4) * 3);
  for (let shift = 0, out = 0; shift < shifts.length; shift += 4)
    for (let cell = 9 * shifts[shift]!, end = cell + 3; cell < end; cell++)
      vectors[out++] =
        shifts[shift + 1]! * cells[cell]! +
        shifts[shift + 2]! * cells[cell + 3]! +
        shifts[shift + 3]! * cells[cell + 6]!;
  return vectors;
}

/** Numbers for different sets of four whole numbers, in the order in which they come. */
class Numbering {
  readonly #kept: Int32Array;
  /** By hash: the number, plus one. */
  readonly #table: Int32Array;
  #count = 0;

  constructor(most: number) {
    this.#kept = new Int32Array(4 * most);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * most + 1)));
  }

  of(a: number, b: number, c: number, d: number): number {
    const kept = this.#kept;
    const hash = Math.imul(Math.imul(Math.imul(a, 0x9e3779b1) + b, 0x85ebca6b) + c, 0xc2b2ae35) + d;
    let at = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0;
    for (; ; at++) {
      at &= this.#table.length - 1;
      const place = this.#table[at]! - 1;
      if (place < 0) break;
      const i = 4 * place;
      if (kept[i] === a && kept[i + 1] === b && kept[i + 2] === c && kept[i + 3] === d) return place;
    }
    kept.set([a, b, c, d], 4 * this.#count);
    this.#table[at] = ++this.#count;
    return this.#count - 1;
  }

  all(): Int32Array {
    return this.#kept.slice(0, 4 * this.#count);
  }
}
