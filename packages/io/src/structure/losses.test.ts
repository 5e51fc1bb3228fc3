/** What each format keeps. */
import { describe, expect, it } from 'vitest';
import { signedVolume, type AtomArray, type Structure } from '@mace/core/structure';
import { formatByName, structureFormats, type TextFormat } from './formats.js';
import { lossesOf, lossText, writablePart } from './losses.js';

const format = (name: string) =>
  structureFormats.find((candidate): candidate is TextFormat => !candidate.isBinary && candidate.name === name)!;
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
    ['ase-traj', [], []],
  ])('%s', (name, keys, columns) =>
    expect(lossesOf(crystal, formatByName({ format: name })!)).toEqual({
      structure: [],
      digits: [],
      isTurned: false,
      keys,
      columns,
    }),
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
  it.each([
    ['turned', [0, 5, 0, 0, 0, 6, 7, 0, 0]],
    ['left-handed', [0, 5, 0, 6, 0, 0, 0, 0, 7]],
  ])('a cell that is %s: CIF turns the crystal, says so, and makes no mirror image of it', (_, cell) => {
    const chiral: Structure = {
      numbers: Int32Array.of(6, 1, 9, 17),
      positions: Float64Array.of(2, 2, 2, 3.1, 2, 2, 2, 3.4, 2, 2, 2, 3.8),
      cell: Float64Array.from(cell),
      pbc: [true, true, true],
      info: {},
      arrays: {},
    };
    const hand = ({ positions: p }: Structure): number =>
      signedVolume(Float64Array.from({ length: 9 }, (__, at) => p[3 + at]! - p[at % 3]!));
    const [again] = format('cif').read(format('cif').write!([chiral]), 'cif') as [Structure];
    expect(hand(again)).toBeCloseTo(hand(chiral), 9);
    expect(lossesOf(chiral, format('cif'))).toMatchObject({ structure: [], digits: [], isTurned: true });
    for (const name of ['poscar', 'ase-json', 'pymatgen-json'])
      expect(lossesOf(chiral, format(name)).isTurned, name).toBe(false);
  });
  it('a slab with a cell of two vectors is held where any cell is', () => {
    const slab: Structure = { ...crystal, cell: Float64Array.of(5, 0, 0, 0, 6, 0, 0, 0, 0), pbc: [true, true, false] };
    for (const name of ['extxyz', 'ase-json'])
      expect(lossesOf(slab, format(name)), name).toEqual({
        structure: [],
        digits: [],
        isTurned: false,
        keys: [],
        columns: [],
      });
    for (const name of ['cif', 'poscar', 'pdb', 'pymatgen-json'])
      expect(() => lossesOf(slab, format(name)), name).toThrow(/the cell vectors lie in one plane/);
  });
  it('dummy atoms, and in PDB cells that lengths and angles do not give back, are refused by name', () => {
    const dummy: Structure = { ...crystal, numbers: Int32Array.of(8, 0) };
    for (const name of ['cif', 'pdb', 'pymatgen-json'])
      expect(() => lossesOf(dummy, format(name)), name).toThrow(
        /atom 2 is a dummy atom \(X\), which this format does not/,
      );
    for (const name of ['extxyz', 'poscar', 'ase-json'])
      expect(lossesOf(dummy, format(name)).structure, name).toEqual([]);
    const mirrored: Structure = { ...crystal, cell: Float64Array.of(5, 0, 0, 1, 6, 0, 0.5, 0.25, -7) };
    expect(() => lossesOf(mirrored, format('pdb'))).toThrow(/PDB: the cell of structure 1 is rotated/);
  });
  it('what is not finite: pymatgen cannot read it, so it is named, and the file has none of it', () => {
    const info = { energy: NaN, dipole: { shape: [3], values: [1, NaN, 2], kind: 'real' as const }, weight: 1.5 };
    const forces = { columns: 3, kind: 'real' as const, values: Float64Array.of(0, 0, 0, 0, Infinity, 0) };
    const odd: Structure = { ...crystal, info, arrays: { forces } };
    expect(lossesOf(odd, format('pymatgen-json'))).toMatchObject({ keys: ['energy', 'dipole'], columns: ['forces'] });
    expect(() => JSON.parse(format('pymatgen-json').write!([odd])) as unknown).not.toThrow();
    for (const name of ['extxyz', 'ase-json'])
      expect(lossesOf(odd, format(name)), name).toMatchObject({ keys: [], columns: [] });
  });
});

describe('what a format refuses', () => {
  const text = (...values: string[]): AtomArray => ({ columns: 1, kind: 'text', values });
  const whole = (...values: number[]): AtomArray => ({
    columns: 1,
    kind: 'integer',
    values: Float64Array.from(values),
  });
  it.each([
    ['a text with a space', { site: text('on top', 'b') }],
    ['an empty text', { site: text('', 'b') }],
    ['a name with a colon', { 'a:b': whole(1, 2) }],
    ['what ASE would take for the places', { positions: whole(1, 2) }],
    ['what ASE would take for the elements', { numbers: whole(1, 2) }],
    ['labels of other elements', { species: text('Na1', 'Cl1') }],
  ])('extended XYZ: %s', (_, arrays: Structure['arrays']) => {
    const odd: Structure = { ...crystal, arrays: { ...crystal.arrays, ...arrays } };
    expect(() => format('extxyz').write!([odd])).toThrow(/^extxyz: /);
    const part = writablePart(odd, format('extxyz'));
    expect([part.keys, part.columns]).toEqual([[], Object.keys(arrays)]);
    expect(lossesOf(part.structure, format('extxyz'))).toMatchObject({ keys: [], columns: [] });
  });
  it('keys too; what is held stays as it is, whole reals among it', () => {
    const [read] = format('extxyz').read('1\nweight=1.0 note=a\nH 0 0 0\n', 'x') as [Structure];
    const part = writablePart({ ...read, info: { ...read.info, pbc: 'T', '': 1 } }, format('extxyz'));
    expect([part.keys, lossText(part)]).toEqual([['pbc', ''], 'the keys pbc, ""']);
    expect(format('extxyz').write!([part.structure])).toBe(format('extxyz').write!([read]));
    expect(writablePart(read, format('extxyz')).structure).toBe(read);
  });
});
