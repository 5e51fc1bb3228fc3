/** POSCAR and XDATCAR as programs write them, and the contradictions that they may hold. */
import { describe, expect, it } from 'vitest';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { readPoscar } from '../../src/structure/poscar.js';
import { readXdatcar } from '../../src/structure/xdatcar.js';

const cell = '1.0\n 5 0 0\n 0 6 0\n 0 0 7\n';
const one = (text: string): Structure => readPoscar(text, 'POSCAR')[0] as Structure;
const symbols = (structure: Structure | undefined): number[] => [...(structure?.numbers ?? [])];

describe('elements of a POSCAR', () => {
  it('elements and numbers of atoms over several lines', () => {
    const text = `long\n${cell} Fe Cr Fe\n Ni\n 1 1 1\n 1\nDirect\n0 0 0\n.5 0 .5\n.5 .5 0\n0 .5 .5\n`;
    expect(symbols(one(text))).toEqual([26, 24, 26, 28]);
    expect(one(text).warnings).toBeUndefined();
    expect(() => one(text.replace(' Ni\n', ' Ni Co\n'))).toThrow(/5 elements stand above 4 numbers/);
    expect(() => one(text.replace('\n 1\nD', '\n 1 1\nD'))).toThrow(/4 elements stand above 5 numbers/);
  });
  it('VASP 4: labels of atom lines win over words of the comment', () => {
    const text = `I am no silica, In As\n${cell}1 2\nDirect\n0 0 0 Si\n.3 0 .1 O1\n.7 0 .9 O\n`;
    expect(symbols(one(text))).toEqual([14, 8, 8]);
    expect(() => one(text.replace('O1', 'Si'))).toThrow(/line 10: the label "O" contradicts .* atom 3 is Si/);
  });
  it.each([
    ['Si O', [14, 8, 8]],
    ['Si_pv O/4a5b ! quartz', [14, 8, 8]],
    ['SiO2', [14, 8, 8]],
    ['Si1 O2', [14, 8, 8]],
  ])('VASP 4: the comment %j is a list of elements, and a warning says that it was used', (comment, expected) => {
    const structure = one(`${comment}\n${cell}1 2\nDirect\n0 0 0\n.3 0 .1\n.7 0 .9\n`);
    expect(symbols(structure)).toEqual(expected);
    expect(structure.warnings).toEqual(['line 1: the elements Si, O are taken from the comment line']);
  });
  it.each(['I am', 'si o', 'Si2 O1', 'Si O from mp-1', 'Si', 'silica cell', ''])(
    'VASP 4: the comment %j is prose',
    (comment) => {
      expect(() => one(`${comment}\n${cell}1 2\nDirect\n0 0 0\n.3 0 .1\n.7 0 .9\n`)).toThrow(
        /is not a list of 2 chemical symbols\. Add the line of elements/,
      );
    },
  );
  it('suffixes of POTCAR names, any case, isotopes', () => {
    const text = (labels: string): string => `x\n${cell}${labels}\n1 1\nDirect\n0 0 0\n.5 .5 .5\n`;
    expect(symbols(one(text('Fe_pv O/abc')))).toEqual([26, 8]);
    expect(symbols(one(text('FE o.5')))).toEqual([26, 8]);
    expect(one(text('Fe D')).warnings).toEqual([expect.stringMatching(/^deuterium and tritium are computed as H/)]);
    expect(() => one(text('Fe Xq'))).toThrow(/line 6: unknown element "Xq"/);
    expect(() => one(text('1.0 H'))).toThrow(/line 6/);
  });
  it('labels that contradict, labels that say nothing', () => {
    const text = (label: string): string => `x\n${cell}O\n1\nDirect\n0 0 0 ${label}\n`;
    expect(() => one(text('Os'))).toThrow(/line 9: the label "Os" contradicts/);
    for (const label of ['O', 'O2-', 'o_1', '! Os', '# made by hand'])
      expect(one(text(label)).warnings, label).toBeUndefined();
    for (const label of ['Ow', 'site-A', 'O frozen']) expect(one(text(label)).warnings?.[0], label).toMatch(/ignored/);
  });
});

describe('rows of a POSCAR', () => {
  const text = `x\n${cell}O\n2\nDirect\n0 0 0\n.5 .5 .5\n`;
  it.each([
    ['a space inside a number', text.replace('.5 .5 .5', '0. 5 .5 .5'), /line 10: a fourth number "\.5"/],
    ['a space inside the lattice', text.replace(' 0 6 0', ' 0 6. 5 0'), /line 4: a fourth number/],
    ['a row too many', `${text}.2 .2 .2\n`, /line 11: "\.2 \.2 \.2" is left over after 2 atoms/],
    ['a row too many after an empty line', `${text}\n.2 .2 .2\n`, /the file ends inside its velocities/],
    ['text after the end', `${text}\nhello\n`, /line 12: "hello" is left over/],
    ['no atoms', text.replace('\n2\n', '\n0\n'), /line 7: there are 0 atoms/],
    ['two scales', text.replace('1.0', '1.0 2'), /one or three scale factors/],
    ['velocities too many', `${text}\n0 0 1\n0 0 1\n0 0 1\n`, /line 14: "0 0 1" is left over after 2 atoms and their/],
    ['words after velocities', `${text}\n0 0 1 a\n0 0 1\n`, /left over|follows/],
    ['a T without the others', text.replace('Direct', 'Selective\nDirect'), /selective dynamics expects/],
  ])('refuses %s', (_, changed, message) => expect(() => one(changed)).toThrow(message));

  it('warns of what VASP does not read', () => {
    expect(one(text.replace('Direct', 'Xirect')).warnings?.[0]).toMatch(/"Xirect" is taken for Direct/);
    expect(one(text.replace('0 0 0\n', '0 0 0 F F F\n')).warnings?.[0]).toMatch(/Selective dynamics" is missing/);
    expect(one(text.replace('1.0', '1.0 Ang')).warnings?.[0]).toMatch(/line 2: "Ang" is ignored/);
  });
  it('reads a CONTCAR of dynamics with all its blocks, and a CHGCAR', () => {
    const lattice = `Lattice velocities and vectors\n 1\n${'0.1 0.2 0.3\n'.repeat(6)}`;
    const predictor = ` 1\n 3.0\n 1.0 0. 0. 0.\n${'0.1 0.2 0.3\n'.repeat(6)}`;
    const all = one(`${text}${lattice}\n0 0 1\n0 1 0\n\n${predictor}`);
    expect([...(all.arrays['velocities']?.values ?? [])]).toEqual([0, 0, 1, 0, 1, 0]);
    expect(all.warnings).toBeUndefined();
    expect(() => one(`${text}\n0 0 1\n0 1 0\n\n${predictor}0.1 0.2 0.3\n`)).toThrow(/left over/);
    expect(one(`${text}\n 2 2 2\n 1 2 3 4 5\n 6 7 8\n`).warnings?.[0]).toMatch(/the grid of a CHGCAR/);
  });
});

describe('XDATCAR', () => {
  const head = `x\n${cell}O H\n1 1\n`;
  it('glued numbers, frames after empty lines, a changing cell', () => {
    const glued = readXdatcar(
      `${head}Direct configuration= 1\n 0.12345678-0.12345678 0.5\n-10.12345678100.12345678100.5\n`.replace(
        '100.5\n',
        '100.50000000\n',
      ),
    );
    expect([...(glued[0]?.positions ?? [])].map((x) => Number(x.toFixed(6)))).toEqual([
      0.617284, -0.740741, 3.5, -50.617284, 600.740741, 703.5,
    ]);
    const empty = readXdatcar(`${head}\n0 0 0\n.5 .5 .5\n\n.1 0 0\n.6 .5 .5\n\n`);
    expect(empty.map(({ positions }) => positions[0])).toEqual([0, 0.5]);
    const konfig = readXdatcar(`${head}Konfig= 1\n0 0 0\n.5 .5 .5\n\nKonfig= 2\n.1 0 0\n.6 .5 .5\n`);
    expect(konfig.length).toBe(2);
    const wide = readXdatcar(
      `${head}Direct configuration= 1\n0 0 0\n.5 .5 .5\n${head.replace(' 5 0', ' 10 0')}Direct configuration= 2\n.1 0 0\n.6 .5 .5\n`,
    );
    expect(wide.map((structure) => structure.cell?.[0])).toEqual([5, 10]);
    expect(wide.map(chemicalFormula)).toEqual(['HO', 'HO']);
  });
  it.each([
    [
      'a row too many',
      `${head}Direct configuration= 1\n0 0 0\n.5 .5 .5\n.1 .1 .1\n`,
      /line 11: a row follows the 2 atoms of frame 1/,
    ],
    [
      'a row too many between frames',
      `${head}\n0 0 0\n.5 .5 .5\n.1 .1 .1\n\n0 0 0\n.5 .5 .5\n`,
      /line 11: a row follows/,
    ],
    ['a row too few', `${head}\n0 0 0\n\n.5 .5 .5\n.1 .1 .1\n`, /positions end after 1 of 2/],
    ['a label that contradicts', `${head}Direct configuration= 1\n0 0 0 H\n.5 .5 .5 O\n`, /the label "H" contradicts/],
    ['stars for a number', `${head}Direct configuration= 1\n0 0 ************\n.5 .5 .5\n`, /got "\*\*\*\*/],
    [
      'a file of VASP 4, which has no cell',
      '  2  2  100\n  0.16E+02 0.4E-09 0.4E-09 0.4E-09 0.1E-14\n 1.0E-003\n CAR\n x\n\n0 0 0\n.5 .5 .5\n',
      /line 1: this XDATCAR of VASP 4 holds neither elements nor lattice vectors\. Add/,
    ],
  ])('refuses %s', (_, text, message) => expect(() => readXdatcar(text, 'XDATCAR')).toThrow(message));
});
