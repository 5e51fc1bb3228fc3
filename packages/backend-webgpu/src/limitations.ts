/** What this backend is known not to do, each with its cause upstream; the conformance kit runs these cases all the same. */

/** One known limitation, as the conformance kit reads it. */
export interface Limitation {
  /** Path of a case, or a pattern. */
  readonly check: string;
  /** What happens. */
  readonly reason: string;
  /** Where the cause is tracked. */
  readonly cause: string;
  /** Version or date since when it is known. */
  readonly since: string;
}

/** None: every case of the kit passes. */
export const limitations: readonly Limitation[] = [];
