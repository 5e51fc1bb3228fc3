/** Options that are refused: by name, with what they are and what they may be. */
import { UnsupportedError } from '@mace/core';
import { distance } from 'fastest-levenshtein';

/** @throws UnsupportedError (`option`) */
export function refuse(name: string, value: unknown, expected: string): never {
  throw new UnsupportedError('option', `${name} is ${shownAs(value)}; expected ${expected}.`);
}

/** A text that looks like a number is shown as a text. */
function shownAs(value: unknown): string {
  return typeof value === 'string' && (value.trim() === '' || !Number.isNaN(Number(value)))
    ? JSON.stringify(value)
    : String(value);
}

/** @throws UnsupportedError (`option`) with the nearest known name, if a name of `given` is none of `known` */
export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw new UnsupportedError(
        'option',
        `${name} is no option of ${what}; the nearest is ${nearest(name, known)}. There are ${known.join(', ')}.`,
      );
}

/** The known name that is fewest letters away, whatever the case. */
export function nearest(name: string, known: readonly string[]): string {
  const apart = (other: string): number => distance(name.toLowerCase(), other.toLowerCase());
  return known.reduce((best, other) => (apart(other) < apart(best) ? other : best));
}
