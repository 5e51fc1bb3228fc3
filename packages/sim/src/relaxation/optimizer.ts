/** What an optimizer is: a pure function of a state of its own and of the last point of one structure. */

/** A point that was computed, in what is optimized: the rows of atoms, and three more where the cell is relaxed (`cell-filter.ts`). */
export interface Point {
  /** [rows 3], Å */
  readonly coordinates: Float64Array;
  /** −∂E/∂coordinates, without what constraints hold [rows 3], eV/Å */
  readonly forces: Float64Array;
  /** eV; with pressure·volume where the cell is relaxed */
  readonly energy: number;
}

/** Where to compute next. */
export interface Move<State> {
  /** To be given back with the next point: plain data, never changed in place. */
  readonly state: State;
  /** [rows 3], Å; undefined when there is nowhere to go */
  readonly next: Float64Array | undefined;
  /** Whether this goes on with the step of before, as the trials of a line search do, and is not counted as one. */
  readonly isTrial?: boolean;
}

/**
 * Where to go from a point. Written as a method, so that functions with a state of any type can be given.
 * @param state - of the last move; undefined at the first point
 */
export type Optimizer<State = unknown> = { of(state: State | undefined, point: Point): Move<State> }['of'];

/** No atom goes farther in one step, Å. */
export const longestStep = 0.2;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The longest of the rows. */
export function longest(rows: Float64Array): number {
  let most = 0;
  for (let i = 0; i < rows.length; i += 3) most = Math.max(most, Math.hypot(rows[i]!, rows[i + 1]!, rows[i + 2]!));
  return most;
}

/** a + factor·b */
export function sum(a: Float64Array, b: Float64Array, factor = 1): Float64Array {
  return a.map((x, i) => x + factor * b[i]!);
}
