/** Folders that runs of the command line wrote, compared file by file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { folder } from './run.js';

export const read = (name: string): string => readFileSync(join(folder, name), 'latin1');

export const filesOf = (name: string): string[] =>
  (readdirSync(join(folder, name), { recursive: true }) as string[]).filter((path) => /\.[a-z]+$/.test(path)).sort();

/** The same files, with the same bytes. */
export function expectSameFiles(one: string, other: string): void {
  expect(filesOf(one)).toEqual(filesOf(other));
  for (const name of filesOf(one)) expect(read(join(one, name)), name).toBe(read(join(other, name)));
}
