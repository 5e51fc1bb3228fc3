/** Several constraints of one structure at once: what one has put right another may have put wrong. */
import { ConvergenceError } from '@mace/core';
import type { Constraint } from './constraint.js';

const mostRounds = 1000;

/**
 * Applies one after the other, again and again where there are several, until none of them changes anything but last digits. The last
 * one of the list holds exactly.
 * @param values - what they change, in place
 * @throws ConvergenceError for constraints that contradict each other
 */
export function applyTogether(
  constraints: readonly Constraint[],
  values: Float64Array,
  apply: (constraint: Constraint) => void,
): void {
  if (constraints.length < 2) return constraints.forEach(apply);
  for (let round = 0; round < mostRounds; round++) {
    let isSettled = true;
    for (const constraint of constraints) {
      const before = values.slice();
      apply(constraint);
      if (hasChanged(before, values)) isSettled = false;
    }
    if (isSettled) return;
  }
  throw new ConvergenceError(
    `${constraints.length} constraints do not agree after ${mostRounds} rounds. Name no atom in two that contradict each other.`,
  );
}

/** By more than rounding. */
function hasChanged(before: Float64Array, after: Float64Array): boolean {
  let [change, size] = [0, 0];
  for (let i = 0; i < after.length; i++) {
    change = Math.max(change, Math.abs(after[i]! - before[i]!));
    size = Math.max(size, Math.abs(after[i]!));
  }
  return change > 1e-12 * size;
}
