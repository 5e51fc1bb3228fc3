/** The largest force on an atom, in the unit of the forces. @param forces - [atoms 3] @param fixed - atoms that do not count */
export function largestForceOf(forces: ArrayLike<number>, fixed: readonly number[] = []): number {
  const leftOut = new Set(fixed);
  let most = 0;
  for (let i = 0; i < forces.length; i += 3)
    if (!leftOut.has(i / 3)) most = Math.max(most, Math.hypot(forces[i]!, forces[i + 1]!, forces[i + 2]!));
  return most;
}
