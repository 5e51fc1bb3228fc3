/** Every structure file of the fixtures is read, and survives extended XYZ bit by bit. Needs MACE_FIXTURES. */
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStructureFile } from '../../src/node/files.js';
import { readExtxyz, writeExtxyz } from '../../src/structure/extxyz.js';
import { filesBelow, fixtures, plain } from './support.js';

describe.skipIf(fixtures === undefined)('fixture structures', () => {
  const folder = fixtures;
  const paths =
    folder === undefined
      ? []
      : ['structures', 'data']
          .flatMap((part) => filesBelow(join(folder, part)))
          .filter((path) => /\.(xyz|cif)$|^POSCAR/.test(basename(path)));
  it('are there', () => expect(paths.length).toBeGreaterThan(50));
  it.each(paths)('%s', async (path) => {
    const structures = await readStructureFile(path);
    expect(structures.length).toBeGreaterThan(0);
    const few = structures.slice(0, 50);
    expect(readExtxyz(writeExtxyz(few)).map(plain)).toEqual(few.map(plain));
  });
});
