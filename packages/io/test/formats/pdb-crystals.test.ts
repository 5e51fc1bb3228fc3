/** What PDB and mmCIF files say of copies, operations and places: one statement against another is never passed over. */
import { describe, expect, test } from 'vitest';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

const read = (text: string, format = 'pdb'): Structure => readStructures(text, { format, name: `a.${format}` })[0]!;
const formula = (text: string): string => chemicalFormula(read(text));
const warnings = (text: string, format?: string): string => read(text, format).warnings?.join('\n') ?? '';

const water = 'HETATM    1  O   HOH A   1       1.000   2.000   3.000  1.00  0.00           O\n';
const cell = (group: string): string =>
  `CRYST1   10.000   11.000   12.000  90.00  90.00  90.00 ${group.padEnd(11)}   4\n`;
const symbols = (...operations: readonly string[]): string =>
  operations.map((operation, index) => `REMARK 290    ${index + 1}555   ${operation}\n`).join('');
const matrices = (...signs: readonly string[]): string =>
  signs
    .flatMap((sign, index) =>
      [0, 1, 2].map((row) => {
        const entries = [0, 1, 2].map((column) => (row !== column ? 0 : sign.charAt(row) === '-' ? -1 : 1));
        return `REMARK 290   SMTRY${row + 1}${String(index + 1).padStart(4)}${entries.map((x) => x.toFixed(6).padStart(10)).join('')}        0.00000\n`;
      }),
    )
    .join('');
const axis = ['X,Y,Z', '-X,-Y,Z'];

describe('REMARK 290', () => {
  test.each([
    ['symbols', symbols(...axis)],
    ['matrices', matrices('+++', '--+')],
    ['both', symbols(...axis) + matrices('+++', '--+')],
  ])('as %s is applied where CRYST1 names no group, or one that is not known', (_, remark) => {
    expect(formula(remark + cell('') + water)).toBe('O2');
    expect(formula(remark + cell('Q 9') + water)).toBe('O2');
    expect(formula(remark + cell('P 1 1 2') + water)).toBe('O2');
  });

  test.each([symbols(...axis), matrices('+++', '--+')])('against the group of CRYST1 is refused', (remark) => {
    expect(() => read(remark + cell('P 1') + water)).toThrow(/"P 1", REMARK 290 lists 2 operations/);
    expect(() => read(remark + cell('P 21 21 21') + water)).toThrow(/REMARK 290 lists 2 other operations/);
  });

  test('of two kinds that differ is refused', () =>
    expect(() => read(symbols('X,Y,Z', 'X,-Y,-Z') + matrices('+++', '--+') + cell('') + water)).toThrow(
      /other operations as symbols than as SMTRY matrices/,
    ));

  test('of P 1 leaves the atoms alone', () =>
    expect(warnings(symbols('X,Y,Z') + matrices('+++') + cell('P 1') + water)).toBe(''));

  test('missing beside a CRYST1 without a group is said', () =>
    expect(warnings(cell('') + water)).toMatch(/^CRYST1 names no space group/));
});

describe('names of the PDB', () => {
  test.each(['P 21 21 2 (a)', 'P 21 21 2 A'])('%s is read, also beyond its columns', (group) =>
    expect(warnings(cell(group) + water)).toMatch(/P 21212\(a\) was applied: 4/),
  );
  test.each([
    ['P 2(1)2(1)2(1)', 'P 21 21 21'],
    ['P 2(1)2(1)2', 'P 21 21 2'],
    ['P 21 21 21', 'P 21 21 21'],
  ])('%s is %s', (group, name) => expect(warnings(cell(group) + water)).toMatch(`space group ${name} was applied`));
  test('that are not known are shown whole', () =>
    expect(() => read(cell('P 2(1)2(1)2(9)') + water)).toThrow('"P 2(1)2(1)2(9)"'));
});

describe('a copy by a matrix that is no rotation is refused', () => {
  const rows = [
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 1],
  ];
  test('MTRIX', () => {
    const matrix = rows.map(
      (row, i) => `MTRIX${i + 1}   2${row.map((x) => x.toFixed(6).padStart(10)).join('')}        5.00000     \n`,
    );
    expect(() => read(matrix.join('') + water)).toThrow(/MTRIX is no rotation/);
    expect(
      formula(
        matrix
          .join('')
          .replace('2.000000', '-1.00000')
          .replace(/(MTRIX3.*) 1\.0/, '$1-1.0') + water,
      ),
    ).toBe('O2');
  });

  test('_struct_ncs_oper', () => {
    const items = rows.flatMap((row, i) => row.map((x, j) => `_struct_ncs_oper.matrix[${i + 1}][${j + 1}] ${x}\n`));
    const vector = [1, 2, 3].map((i) => `_struct_ncs_oper.vector[${i}] 5\n`);
    const text = `data_x\n_struct_ncs_oper.code generate\n${items.join('')}${vector.join('')}loop_\n_atom_site.type_symbol\n_atom_site.label_atom_id\n_atom_site.label_comp_id\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\nO O HOH 1 2 3\n`;
    expect(() => read(text, 'mmcif')).toThrow(/_struct_ncs_oper is no rotation/);
  });
});

describe('coordinates of both kinds', () => {
  const block = (columns: string, ...atoms: readonly string[]): string =>
    `data_x\n_cell.length_a 10\n_cell.length_b 10\n_cell.length_c 10\n_symmetry.space_group_name_H-M 'P 1'\nloop_\n_atom_site.type_symbol\n${columns}_atom_site.fract_x\n_atom_site.fract_y\n_atom_site.fract_z\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n${atoms.join('\n')}\n`;
  const residue = '_atom_site.label_atom_id\n_atom_site.label_comp_id\n';

  test('in mmCIF are compared', () => {
    const text = (x: string): string => block(residue, 'O O HOH 0 0 0 0 0 0', `H H1 HOH .1 0 0 ${x} 0 0`);
    expect(warnings(text('1'), 'mmcif')).not.toMatch(/Cartesian/);
    expect(warnings(text('2'), 'mmcif')).toMatch(/the Cartesian ones were taken/);
    expect(read(text('2'), 'mmcif').positions[3]).toBe(2);
  });

  test('for some atoms each are refused, and no hydrogen is lost', () =>
    expect(() => read(block('', 'O 0 0 0 ? ? ?', 'H ? ? ? 1 0 0'), 'cif')).toThrow(
      /line 15: this atom has only Cartesian coordinates/,
    ));
});

describe('names without an element column', () => {
  const named = (name: string, residue = 'LIG'): string =>
    `HETATM    1 ${name} ${residue} A   1       1.000   2.000   3.000\nHETATM    2  C1  LIG A   2       5.000   2.000   3.000\n`;
  test.each([[' XX '], [' UNK'], [' VAL']])('%j are no element', (name) =>
    expect(() => read(named(name))).toThrow(/is not known/),
  );
  test('with a small letter keep it', () => {
    expect(formula(named(' Cl1'))).toBe('CCl');
    expect(formula(named(' Br '))).toBe('CBr');
    expect(() => read(named(' Na '))).toThrow(/may be N or Na/);
    expect(() => read(named(' Ca1'))).toThrow(/may be C or Ca/);
  });
  test('that read as tungsten draw a warning', () => expect(warnings(named(' W  '))).toMatch(/"W" of LIG is W/));
});

test('a chlorine with the element column of a carbon is said', () => {
  const text = water.replace(' O   HOH', 'CL1  LIG').replace('           O', '           C');
  expect(formula(text)).toBe('C');
  expect(warnings(text)).toMatch(/"CL1" of LIG 1 is C/);
});

test('a model without atoms is said', () =>
  expect(warnings(`MODEL        1\n${water}ENDMDL\nMODEL        2\nENDMDL\n`)).toMatch(/MODEL of line 4/));
