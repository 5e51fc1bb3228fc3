/** What an optimizer of one structure does with its forces: the next step of all its atoms. */
export interface Optimizer {
  /**
   * @param positions - [atoms 3], Å
   * @param forces - [atoms 3], eV/Å, at these positions
   * @returns how far atoms go from there [atoms 3], Å
   */
  step(positions: Float64Array, forces: Float64Array): Float64Array;
}

/** No atom goes farther in one step, Å. */
export const longestStep = 0.2;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The longest of the vectors of atoms. */
export function longest(vectors: Float64Array): number {
  let most = 0;
  for (let i = 0; i < vectors.length; i += 3)
    most = Math.max(most, Math.hypot(vectors[i]!, vectors[i + 1]!, vectors[i + 2]!));
  return most;
}
