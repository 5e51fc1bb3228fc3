/** Options that are refused: by name, with what they are and what they may be. */
import { UnsupportedError } from '@mace/core';

/** @throws UnsupportedError (`option`) */
export function refuse(name: string, value: unknown, expected: string): never {
  throw new UnsupportedError('option', `${name} is ${String(value)}; expected ${expected}.`);
}
