/** Options that are refused: by name, with what they are and what they may be. */
import { UnsupportedError } from '@mace/core';

/** @throws UnsupportedError (`option`) */
export function refuse(name: string, value: unknown, expected: string): never {
  throw new UnsupportedError('option', `${name} is ${String(value)}; expected ${expected}.`);
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
  const distance = (other: string): number => editDistance(name.toLowerCase(), other.toLowerCase());
  return known.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}

/** Letters that are put in, left out or exchanged (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  [...one].forEach((letter, i) => {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other[j] ? 0 : 1)));
    row = next;
  });
  return row.at(-1)!;
}
