/** How far runs of the same work are apart. */

/** Least, middle and most of some seconds, and half the width of their middle half as a share of the median. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly relative: number;
}

/** @param seconds - at least one */
export function spreadOf(seconds: readonly number[]): Spread {
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const next = sorted[below + 1] ?? sorted[below]!;
    return sorted[below]! + (place - below) * (next - sorted[below]!);
  };
  const median = at(0.5);
  return { min: sorted[0]!, median, max: sorted.at(-1)!, relative: (at(0.75) - at(0.25)) / 2 / median };
}
