/**
 * What a backend is known not to do. A limitation is not a skip: its cases still run, and one that passes fails the run
 * until the entry is deleted.
 */
import { matches, type Problem, type Verdict } from './case.js';

export interface Limitation {
  /** Path of a case, or a pattern: `ops/pow/negative-base`. */
  readonly check: string;
  /** What happens, for the reader of a README. */
  readonly reason: string;
  /** Where the cause is tracked: an address upstream. */
  readonly cause: string;
  /** The smallest case that shows it, as text. */
  readonly smallest?: string;
  /** Version or date since when it is known. */
  readonly since: string;
}

/** Checks the entries once, where they are written. */
export function defineLimitations(limitations: readonly Limitation[]): readonly Limitation[] {
  for (const { check, reason, cause } of limitations) {
    if (!check || !reason || !cause)
      throw new TypeError(`limitation ${check || '(no check)'}: give check, reason and cause, all three.`);
  }
  return limitations;
}

/** The status of a case in the light of the limitations. */
export function judge(
  path: string,
  verdict: Verdict,
  limitations: readonly Limitation[],
): { readonly status: 'passed' | 'failed' | 'limited'; readonly problems: readonly Problem[] } {
  const known = limitations.find(({ check }) => matches(path, check));
  if (verdict.problems.length === 0) {
    if (!known) return { status: 'passed', problems: [] };
    const message = `listed as a limitation (${known.reason}), but it passes. Delete the entry ${known.check}.`;
    return { status: 'failed', problems: [{ check: 'limitation', message }] };
  }
  return { status: known ? 'limited' : 'failed', problems: verdict.problems };
}
