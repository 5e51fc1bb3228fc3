/** Files as people name them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { structureInputs } from '../src/structure-inputs.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mace inputs '));
  for (const name of ['2.xyz', '10.xyz', '1.xyz', 'notes.txt', 'a@b.xyz', 'odd[1].xyz', 'POSCAR'])
    writeFileSync(join(folder, name), '1\n\nH 0 0 0\n');
  for (const name of ['runs', 'runs/one', 'runs/two', 'empty']) mkdirSync(join(folder, name));
  for (const name of ['one', 'two']) writeFileSync(join(folder, 'runs', name, 'CONTCAR'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const found = async (...names: string[]): Promise<string[]> =>
  (await structureInputs(names.map((name) => join(folder, name)))).map((file) =>
    relative(folder, file).replaceAll('\\', '/'),
  );

test.each([
  [['1.xyz'], ['1.xyz']],
  [
    ['2.xyz', '1.xyz'],
    ['2.xyz', '1.xyz'],
  ],
  [['1.xyz@-1'], ['1.xyz@-1']],
  [['a@b.xyz'], ['a@b.xyz']],
  [['odd[1].xyz'], ['odd[1].xyz']],
  [['[0-9]*.xyz'], ['1.xyz', '2.xyz', '10.xyz']],
  [['{1,2}.xyz@0:3'], ['1.xyz@0:3', '2.xyz@0:3']],
  [['runs/*/CONTCAR'], ['runs/one/CONTCAR', 'runs/two/CONTCAR']],
  [['nothing.xyz'], ['nothing.xyz']],
])('%j', async (names, expected) => expect(await found(...names)).toEqual(expected));

test('folders give their structure files, frames of each if asked', async () => {
  expect(await found('.')).toEqual(['1.xyz', '2.xyz', '10.xyz', 'a@b.xyz', 'odd[1].xyz', 'POSCAR']);
  expect((await found('.@-1')).every((file) => file.endsWith('@-1'))).toBe(true);
});

test('what is nothing is said', async () => {
  await expect(found('empty')).rejects.toThrow('no structure file in this folder');
  await expect(found('runs')).rejects.toThrow(`'${join(folder, 'runs', '*', '*.xyz')}' for those of folders in it`);
  await expect(found('*.cif')).rejects.toThrow('no file matches this pattern');
  await expect(structureInputs([''])).rejects.toThrow('is empty');
  expect(await structureInputs(['-'])).toEqual(['-']);
});

test('names that mean nothing can be skipped, and the others stay', async () => {
  const skipped: string[] = [];
  const names = ['*.cif', '1.xyz', 'empty'].map((name) => join(folder, name));
  const files = await structureInputs(names, (name, { message }) => skipped.push(`${name}: ${message}`));
  expect(files).toEqual([join(folder, '1.xyz')]);
  expect(skipped).toEqual([
    expect.stringContaining('no file matches this pattern'),
    expect.stringContaining('no structure file in this folder'),
  ]);
});
