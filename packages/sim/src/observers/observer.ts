/**
 * What every observer is: an accumulator that is given the frames of one structure while it moves, in bounded memory.
 *
 * All that it knows is in `state()`, so that a restart goes on to the same bits.
 */

/** One structure at one step. Arrays may be reused by their owner after `add`. */
export interface Frame {
  readonly step: number;
  /** fs */
  readonly time: number;
  /** [atoms 3], Å; not wrapped back into the cell: an atom that leaves it goes on */
  readonly positions: ArrayLike<number>;
  /** [atoms 3], √(u·eV), as ASE has them */
  readonly momenta: ArrayLike<number>;
  /** Lattice vectors as rows [3 3], Å; null where there are none. */
  readonly cell: Float64Array | null;
  readonly pbc: readonly [boolean, boolean, boolean];
  /** Atomic numbers [atoms]. */
  readonly numbers: ArrayLike<number>;
  /** [atoms], u */
  readonly masses: ArrayLike<number>;
}

/** Numbers and arrays that a restart file can hold. */
export type ObserverState = Readonly<Record<string, number | Float64Array>>;

/** One number with its unit, and its standard error where that is known. */
export interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly error?: number;
}

export interface Column {
  readonly name: string;
  /** Empty for numbers without one. */
  readonly unit: string;
  readonly values: ArrayLike<number>;
}

/** Columns of one length, such as a distribution and the distances that it is of. */
export interface Table {
  /** A word for the name of a file. */
  readonly name: string;
  /** What a plot of it is called. */
  readonly title: string;
  readonly columns: readonly Column[];
}

export interface ObserverResult {
  /** How the observer is written: `rdf:O-O`. */
  readonly spelling: string;
  readonly frames: number;
  readonly quantities: readonly Quantity[];
  readonly tables: readonly Table[];
  /** What a reader of the numbers has to know. */
  readonly notes: readonly string[];
}

export interface Observer {
  /** How it is written: `rdf:O-O`. */
  readonly spelling: string;
  /** @throws StructureError for a frame that it cannot observe; what it has until then stays */
  add(frame: Frame): void;
  /** Of all frames until now. */
  result(): ObserverResult;
  /** What of the last frame belongs into a log: nothing for most. */
  latest(): readonly Quantity[];
  /** A copy, for a restart. */
  state(): ObserverState;
}
