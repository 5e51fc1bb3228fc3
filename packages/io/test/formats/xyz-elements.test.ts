/** Elements of XYZ: labels that may be two, symbols that may be names, columns under the names of ASE. */
import { describe, expect, it } from 'vitest';
import { readExtxyz } from '../../src/structure/extxyz.js';

describe('elements of XYZ', () => {
  it.each(['HO1', 'HE1', 'HG1', 'HF2', 'CO1', 'CA1', 'CD1', 'NE2'])('%s may be two elements', (label) =>
    expect(() => readExtxyz(`1\n\n${label} 0 0 0\n`)).toThrow(/line 3: "\w+" may be element "\w" or "\w\w"\. Write a/),
  );
  it('symbols in capitals that are names of atoms too are said, others are not', () => {
    const read = (labels: string): readonly string[] | undefined =>
      readExtxyz(`4\n\n${labels.replace(/ ?(\w+)/g, '$1 0 0 0\n')}`)[0]?.warnings;
    expect(read('N CA CD C')).toEqual(['elements are read from labels: CA is Ca, CD is Cd']);
    for (const names of ['HO CO CE HG', 'SG OG CN NO']) expect(read(names)?.length).toBe(1);
    for (const plain of ['Co Cd Hg Ho', 'Ca Ce He Na', 'CL SI FE ZN', 'co cd hg ho', 'SN NI CU PB'])
      expect(read(plain), plain).toBeUndefined();
  });
  it.each([
    'symbols:S:1:pos:R:3',
    'species:S:1:positions:R:3',
    'Symbols:S:1:Positions:R:3',
    'symbols:S:1:Z:I:1:positions:R:3',
  ])('columns by the names of ASE: %s', (properties) => {
    const numbers = properties.includes('Z') ? '8 ' : '';
    const [frame] = readExtxyz(`1\nProperties=${properties}\nO ${numbers}0 1 2\n`);
    expect([...(frame?.numbers ?? [])]).toEqual([8]);
    expect([...(frame?.positions ?? [])]).toEqual([0, 1, 2]);
    expect(Object.keys(frame?.arrays ?? {})).toEqual([]);
    expect(frame?.warnings?.[0]).toMatch(/the column "\w+" is read as (?:species|pos)/);
  });
  it('numbers alone are elements; beside a species they have to be the same, as ASE would take them', () => {
    expect([...(readExtxyz('1\nProperties=numbers:I:1:positions:R:3\n26 0 1 2\n')[0]?.numbers ?? [])]).toEqual([26]);
    const beside = (name: string, number: number): string =>
      `1\nProperties=species:S:1:pos:R:3:${name}:I:1\nO 0 1 2 ${number}\n`;
    const [both] = readExtxyz(beside('numbers', 8));
    expect([[...(both?.numbers ?? [])], [...(both?.arrays['numbers']?.values ?? [])]]).toEqual([[8], [8]]);
    for (const name of ['numbers', 'atomic_numbers'])
      for (const other of [7, -1, 200])
        expect(() => readExtxyz(beside(name, other))).toThrow(
          /line 3: species "O" and atomic number Z .* two elements/,
        );
    expect(readExtxyz(beside('id', 7))[0]?.warnings).toBeUndefined();
  });
  it.each([
    ['Atoms. Timestep: 0', '1 2'],
    ['Atoms Timestep 100', '1 1'],
    ['', '1 2'],
    ['Properties=species:S:1:pos:R:3', '2 1 3 3'],
  ])('atom types are no elements: %s, %s', (comment, types) => {
    const rows = types.split(' ').map((type, at) => `${type} ${at} 0 0\n`);
    expect(() => readExtxyz(`${rows.length}\n${comment}\n${rows.join('')}`)).toThrow(
      /line 3: the first column holds numbers \(.*\) that are atom types rather than elements\. Write chemical symbols/,
    );
  });
  it('atomic numbers are elements, which is said, and that of 1 for every atom', () => {
    const read = (numbers: string): [string, readonly string[]] => {
      const rows = numbers.split(' ').map((number, at) => `${number} ${at} 0 0\n`);
      const [frame] = readExtxyz(`${rows.length}\n\n${rows.join('')}`);
      return [String(frame?.numbers), frame?.warnings ?? []];
    };
    const note = 'elements are read from atomic numbers: ';
    expect(read('8 1 1')).toEqual(['8,1,1', [`${note}8 is O, 1 is H`]]);
    expect(read('1 6 H')).toEqual(['1,6,1', [`${note}1 is H, 6 is C`]]);
    expect(read('6 7 8 9 16')[1]).toEqual([`${note}6 is C, 7 is N, 8 is O, 9 is F, …`]);
    expect(read('O H H')).toEqual(['8,1,1', []]);
    expect(read('1 1')).toEqual([
      '1,1',
      [expect.stringMatching(/^the first column is 1 for every atom, read as hydrogen/)],
    ]);
  });
  it('the InChI of a QM9 file is compared with its atoms', () => {
    const read = (inchi: string): unknown =>
      readExtxyz(
        `3\ngdb 3\t1 2\nO 0 0 0 0.1\nH 0 0 1 0.1\nH 0 1 0 0.1\n1671.4 3803.6\nO\tO\n${inchi}\n`,
      )[0]?.warnings?.filter((text) => text.includes('says'));
    expect(read('InChI=1S/H2O/h1H2\tInChI=1S/H2O/h1H2')).toEqual([]);
    expect(read('InChI=1S/H2O/h1H2\tInChI=1S/CH4/h1H4')).toEqual(['line 8: the InChI says C1 H4, the atoms are H2 O1']);
  });
});
