/** Which structures of a run the gate looks at: one of each set of elements, for its first frames. */
import type { Structure } from '@mace/core/structure';
import type { Member } from './member.js';
import type { PreparedRun } from './prepared-run.js';

/** Whether the gate looks at this frame of the structure; the first of its elements is the one. */
export function isLookedAt(run: PreparedRun, member: Member, { numbers }: Structure): boolean {
  const elements = [...new Set(numbers)].sort((a, b) => a - b).join(' ');
  if (!run.gated.has(elements)) run.gated.set(elements, member.index);
  return run.gated.get(elements) === member.index && isWatched(run, member);
}

/** Whether the gate has frames of the structure still to see. */
export function isWatched({ options: { gate } }: PreparedRun, { gateFrames }: Member): boolean {
  return gate !== undefined && gateFrames < (gate.frames ?? 20);
}

/** The next structure of the same elements is looked at in the place of this one. */
export function lookAtAnother({ gated }: PreparedRun, { index }: Member): void {
  for (const [elements, looked] of gated) if (looked === index) gated.delete(elements);
}
