/**
 * Remembers which scalar numbers of an info record were written as reals although they are whole (`weight=1.0`).
 *
 * A plain JavaScript number cannot say it, so the record carries a set of such keys under a symbol: `Object.entries`, JSON and
 * `for in` do not see it, and `{ ...info, key: value }` keeps it. Where it is lost, a whole number is written as an integer.
 */
import type { InfoValue } from '@mace/core/structure';

const wholeReals = Symbol.for('@mace/io/whole-reals');

type Marked = Record<string, InfoValue> & { [wholeReals]?: Set<string> };

/** Marks one key of a record as a real number although its value is whole. Only for a record that the caller just made. */
export function markWholeReal(info: Record<string, InfoValue>, key: string): void {
  const marked = info as Marked;
  (marked[wholeReals] ??= new Set()).add(key);
}

/** True when the scalar number under this key was written as a real, or cannot be an integer. */
export function isReal(info: Readonly<Record<string, InfoValue>>, key: string, value: number): boolean {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return true;
  return (info as Marked)[wholeReals]?.has(key) ?? false;
}
