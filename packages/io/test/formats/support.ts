/** Helpers of the format tests: plain copies for comparison, and the files beside this one. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { isMaceError } from '@mace/core';
import type { InfoArray, InfoValue, Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

export const files = fileURLToPath(new URL('./files/', import.meta.url));
export const fixtures = process.env['MACE_FIXTURES'];

export const fileText = (name: string): string => readFileSync(join(files, name), 'utf8');
export const dataFiles = (): string[] => readdirSync(files).filter((name) => !name.startsWith('expected-'));

/** All files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** A structure as plain data; -0 and NaN stay what they are under `toEqual`. */
export function plain(structure: Structure): unknown {
  const record = <T>(entries: Readonly<Record<string, T>>, value: (item: T) => unknown) =>
    Object.entries(entries).map(([key, item]) => [key, value(item)]);
  return {
    numbers: [...structure.numbers],
    positions: [...structure.positions],
    cell: structure.cell === null ? null : [...structure.cell],
    pbc: [...structure.pbc],
    info: record(structure.info, (value: InfoValue) =>
      typeof value === 'object' ? { ...value, values: [...value.values] } : value,
    ),
    arrays: record(structure.arrays, (array) => ({ ...array, values: [...array.values] })),
  };
}

/** A small structure for writing. */
export function structureWith(part: Partial<Structure> = {}): Structure {
  return {
    numbers: Int32Array.of(8, 1, 1),
    positions: Float64Array.of(0, 0.1, -0, 0.1 + 0.2, 1e-17, 5, -1 / 3, 1e21, 2),
    cell: null,
    pbc: [false, false, false],
    info: {},
    arrays: {},
    ...part,
  };
}

export const array = (shape: number[], kind: InfoArray['kind'], values: InfoArray['values']): InfoArray => ({
  shape,
  kind,
  values,
});

/** Seeded uniform numbers in [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The error of a call that must fail. */
export function failure(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** A text is refused with a FormatError that matches, names the file and says what to do. */
export function expectRefusal(text: string, format: string, message: RegExp): void {
  const error = failure(() => readStructures(text, { format, name: 'folder/a.file' }));
  expect(isMaceError(error) && error.code).toBe('format');
  expect(error.message).toMatch(message);
  expect(error.message).toMatch(/a\.file/);
  expect(error.message).toMatch(/[.?] [A-Z]|\?$/);
}
