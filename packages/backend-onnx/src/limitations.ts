/** What the engine is known not to do, for `@mace/conformance`. */

/** As `Limitation` of the kit, which this package does not import. */
interface Limitation {
  readonly check: string;
  readonly reason: string;
  readonly cause: string;
  readonly since: string;
}

/** Nothing so far. */
export const limitations: readonly Limitation[] = [];
