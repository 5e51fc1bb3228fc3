/**
 * A structure: elements, positions, cell, periodic directions, and whatever else its file said about it.
 *
 * Positions and cell are float64, in Å; they are never wrapped. Checks that a calculation needs are in `validate.ts`.
 */

/** A value of a comment-line key: number, text, truth value, or an array of one of them (row-major, with its shape). */
export type InfoValue = number | string | boolean | InfoArray;

export interface InfoArray {
  readonly shape: readonly number[];
  readonly values: readonly number[] | readonly string[] | readonly boolean[];
  /** False when the values are whole numbers that were written as integers. */
  readonly kind: 'real' | 'integer' | 'text' | 'logical';
}

/** A per-atom array: `columns` values per atom, row-major. */
export interface AtomArray {
  readonly columns: number;
  readonly values: Float64Array | readonly string[] | readonly boolean[];
  readonly kind: 'real' | 'integer' | 'text' | 'logical';
}

export interface Structure {
  /** Atomic numbers [atoms]. */
  readonly numbers: Int32Array;
  /** Å, [atoms 3] row-major. */
  readonly positions: Float64Array;
  /** Lattice vectors as rows, Å, [3 3] row-major; null when there is none. */
  readonly cell: Float64Array | null;
  /** Which lattice directions are periodic. */
  readonly pbc: readonly [boolean, boolean, boolean];
  /** Per-structure values, in file order. */
  readonly info: Readonly<Record<string, InfoValue>>;
  /** Per-atom values other than element and position, in file order. */
  readonly arrays: Readonly<Record<string, AtomArray>>;
  /** What the reader of its file found doubtful, for people; every result repeats them in its own `warnings`. */
  readonly warnings?: readonly string[];
}
