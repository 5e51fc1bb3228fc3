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
  it('numbers alone are elements, beside a species they are a column', () => {
    expect([...(readExtxyz('1\nProperties=numbers:I:1:positions:R:3\n26 0 1 2\n')[0]?.numbers ?? [])]).toEqual([26]);
    const both = readExtxyz('1\nProperties=symbols:S:1:pos:R:3:numbers:I:1\nO 0 1 2 5\n')[0];
    expect([[...(both?.numbers ?? [])], [...(both?.arrays['numbers']?.values ?? [])]]).toEqual([[8], [5]]);
  });
});
