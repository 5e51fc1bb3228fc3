/** What is known not to work, for the conformance kit and for the support table. */

/** One known shortcoming: the cases of the kit that show it, what happens, and where the cause is. */
export interface Limitation {
  readonly check: string;
  readonly reason: string;
  readonly cause: string;
  readonly since: string;
}

export const limitations: readonly Limitation[] = [];
