/** What each format keeps. */
import { describe, expect, it } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { structureFormats } from './formats.js';
import { lossesOf } from './losses.js';

const format = (name: string) => structureFormats.find((candidate) => candidate.name === name)!;
const crystal: Structure = {
  numbers: Int32Array.of(8, 1),
  positions: Float64Array.of(0.1, 1 / 3, 0, 1, 2, 7),
  cell: Float64Array.of(5, 0, 0, 1, 6, 0, 0.5, 0.25, 7),
  pbc: [true, true, true],
  info: { energy: -1.5, comment: 'a title' },
  arrays: { forces: { columns: 3, kind: 'real', values: new Float64Array(6) } },
};

describe('losses', () => {
  it.each([
    ['extxyz', [], []],
    ['poscar', ['energy'], ['forces']],
    ['cif', ['energy'], ['forces']],
    ['ase-json', [], []],
    ['pymatgen-json', [], []],
  ])('%s', (name, keys, columns) =>
    expect(lossesOf(crystal, format(name))).toEqual({ structure: [], digits: [], keys, columns }),
  );
  it('digits, directions, atoms', () => {
    expect(lossesOf(crystal, format('pdb')).digits.join()).toMatch(/digits of the positions \(up to 0\.00\d+ Å\)/);
    const slab = { ...crystal, pbc: [true, true, false] } as const;
    expect(lossesOf(slab, format('poscar')).structure).toEqual(['the periodic directions (T T F becomes T T T)']);
    expect(lossesOf(slab, format('ase-json')).structure).toEqual([]);
    const boxed = { ...crystal, pbc: [false, false, false] } as const;
    expect(lossesOf(boxed, format('cif')).structure.length).toBe(1);
    expect(() => lossesOf({ ...crystal, cell: null }, format('poscar'))).toThrow(/has no cell/);
  });
});
