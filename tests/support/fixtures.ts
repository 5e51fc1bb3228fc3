/** The folder of real models and structures that `MACE_FIXTURES` names; its files are read in place, never copied. */
import { join } from 'node:path';

export const fixtureFolder = process.env['MACE_FIXTURES'];

/** Path of a fixture. */
export function fixture(...path: readonly string[]): string {
  if (fixtureFolder === undefined) throw new Error('MACE_FIXTURES is not set: run this with a folder of fixtures.');
  return join(fixtureFolder, ...path);
}

/** A thousand frames of the MPtrj data set. */
export const mptrj = ['data', 'periodic', 'mptrj-random-1k.xyz'] as const;
