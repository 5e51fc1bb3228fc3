/** Seeded mutations of the committed files: each must be read, or refused with a FormatError, in bounded time. */
import { expect } from 'vitest';
import { isMaceError } from '@mace/core';
import { formatByName, readStructures, structureFormats } from '../../src/structure/formats.js';
import { dataFiles, fileText, randomNumbers } from './support.js';

/** Milliseconds for one file; the usual is less than one, so more is a hang. */
const slowest = 60_000;

const pieces = [
  '',
  '"',
  "'",
  '{',
  '[',
  ']',
  '=',
  '\n',
  '\r',
  ' ',
  ';',
  '_',
  '-',
  '1e999',
  'nan',
  '99999999999',
  '-1',
  '__proto__',
  '0x1',
  '\u0000',
  'é',
  'loop_',
  'data_',
  ':',
  '1d5',
  ',',
  'T',
  '?',
  '(',
  ')',
];

/** Of text; files of bytes are damaged in trajectories/. */
export const formatNames = structureFormats.filter(({ isBinary }) => !isBinary).map(({ name }) => name);

/** Mutates `count` files of a format and reads them. */
export function fuzz(format: string, count: number, seed: number): void {
  const random = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const texts = dataFiles()
    .filter((name) => nameOfFormat(name) === format)
    .map(fileText);
  expect(texts.length).toBeGreaterThan(0);
  let refused = 0;
  for (let index = 0; index < count; index++) {
    let text = pick(texts);
    for (let steps = 1 + Math.floor(random() * 4); steps > 0; steps--) {
      const at = Math.floor(random() * text.length);
      const length = Math.floor(random() ** 3 * 40);
      const kind = random();
      if (kind < 0.1) text = text.slice(0, at);
      else if (kind < 0.5) text = text.slice(0, at) + pick(pieces) + text.slice(at + length);
      else if (kind < 0.7) text = text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
      else if (kind < 0.9) {
        const lines = text.split('\n');
        const line = Math.floor(random() * lines.length);
        lines.splice(line, random() < 0.5 ? 1 : 0, ...(random() < 0.5 ? [pick(lines)] : []));
        text = lines.join('\n');
      } else text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1);
    }
    const start = performance.now();
    try {
      for (const { numbers, positions } of readStructures(text, { format })) {
        if (positions.length !== 3 * numbers.length || !positions.every(Number.isFinite))
          throw new Error('a structure with missing or infinite positions');
      }
    } catch (error) {
      if (!isMaceError(error) || error.code !== 'format')
        throw new Error(`${format}, seed ${seed}, file ${index}: ${String((error as Error).stack)}\n${text}`);
      refused++;
    }
    if (performance.now() - start > slowest)
      throw new Error(`${format}, seed ${seed}, file ${index}: took more than a minute`);
  }
  // Mutations that never hurt, or always do, would test nothing.
  expect(refused).toBeGreaterThan(count / 20);
  expect(refused).toBeLessThan(count);
}

function nameOfFormat(name: string): string | undefined {
  if (name.endsWith('.json')) return name.startsWith('ase') ? 'ase-json' : 'pymatgen-json';
  return formatByName({ name })?.name;
}
