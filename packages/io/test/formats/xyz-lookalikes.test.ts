/** Cells, fractions and second statements under names that extended XYZ does not have: named, or refused where they contradict. */
import { describe, expect, it } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { readExtxyz, writeExtxyz } from '../../src/structure/extxyz.js';

const warningsOf = (comment: string): readonly string[] => readExtxyz(`1\n${comment}\nH 0 0 0\n`)[0]?.warnings ?? [];
const withCell = 'Lattice="5 0 0 0 6 0 0 0 7" Properties=species:S:1:pos:R:3';

describe('what looks like a cell, or like fractions of one', () => {
  it.each([
    'lattice_constant=5',
    'alat=5.43',
    'a=5 b=5 c=5',
    'i = 0, a = 5.0, b = 5.0, c = 5.0',
    'Lx=5 Ly=5 Lz=5',
    'xlo=0 xhi=5 ylo=0 yhi=5 zlo=0 zhi=5',
    'BOX_X=5 BOX_Y=5 BOX_Z=5',
    'a1="5 0 0" a2="0 5 0" a3="0 0 5"',
    'h="5 0 0 0 5 0 0 0 5"',
    'dimensions="5 5 5 90 90 90"',
    'simbox="5 5 5"',
    'ABC="5 5 5"',
    'PRIMVEC 5 0 0 0 5 0 0 0 5',
    `${withCell} coordinates=fractional`,
    `${withCell} coord_type=direct`,
    `${withCell} scaled=T`,
    `${withCell} pos_unit=nm`,
    `${withCell} periodic="F F F"`,
    `${withCell} boundary="p p f"`,
    'periodic=T',
  ])('is named: %s', (comment) =>
    expect(warningsOf(comment)).toEqual([expect.stringMatching(/not read|read as text/)]),
  );
  it.each([
    'h=0.5 H=1 a=1 b=2 energy=-1',
    `${withCell} a=5 b=6 c=7 Lx=5 Ly=6 Lz=7 alat=5`,
    `${withCell} coordinates=cartesian scaled=F scaled_shift=0.01 position=top`,
    'stress="5 0 0 0 5 0 0 0 5" virial="5 0 0 0 5 0 0 0 5"',
    'frame 12 energy -3.5',
  ])('nothing is said about %s', (comment) =>
    expect(warningsOf(comment).filter((text) => /not read/.test(text))).toEqual([]),
  );
});

describe('columns that state atoms once more', () => {
  const read = (properties: string, row: string): unknown => {
    const [frame] = readExtxyz(`1\nProperties=species:S:1:pos:R:3:${properties}\nO 0 1 2 ${row}\n`) as [Structure];
    expect(() => writeExtxyz([frame])).not.toThrow();
    return frame.warnings;
  };
  it.each(['symbols', 'element', 'Symbol'])('%s is the same element', (name) => {
    expect(read(`${name}:S:1`, 'O')).toBeUndefined();
    expect(() => read(`${name}:S:1`, 'N')).toThrow(/line 3: species "N" and atomic number Z 8 \(O\) are two elements/);
  });
  it('positions are the same places', () => {
    expect(read('positions:R:3', '0 1 2')).toBeUndefined();
    expect(() => read('positions:R:3', '0 1 2.5')).toThrow(/line 3: the columns pos and positions are two places/);
  });
});
