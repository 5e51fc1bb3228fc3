/** Statements of CIF and PDB files that are empty, given twice, or open: which of them is used, and that it is said. */
import { describe, expect, test } from 'vitest';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

const read = (text: string, format = 'cif'): Structure =>
  readStructures(text, { format, name: `a.${format}` })[0] as Structure;
const warnings = (text: string, format?: string): string => read(text, format).warnings?.join('\n') ?? '';
const formula = (text: string, format?: string): string => chemicalFormula(read(text, format));

const cell = (a: number, b = a, c = a, beta = 90): string =>
  `data_x\n_cell_length_a ${a}\n_cell_length_b ${b}\n_cell_length_c ${c}\n_cell_angle_alpha 90\n_cell_angle_beta ${beta}\n_cell_angle_gamma 90\n`;
const alt = (name: string): string => `_space_group_name_H-M_alt '${name}'\n`;
const old = (name: string): string => `_symmetry_space_group_name_H-M '${name}'\n`;
const hall = (name: string): string => `_space_group_name_Hall '${name}'\n`;
const number = (value: number): string => `_symmetry_Int_Tables_number ${value}\n`;
const loop = (tags: readonly string[], ...rows: readonly string[]): string =>
  `loop_\n${tags.map((tag) => `_${tag}\n`).join('')}${rows.map((row) => `${row}\n`).join('')}`;
const operations = (...rows: readonly string[]): string => loop(['symmetry_equiv_pos_as_xyz'], ...rows);
const place = ['atom_site_fract_x', 'atom_site_fract_y', 'atom_site_fract_z'];
const sites = (...rows: readonly string[]): string => loop(['atom_site_label', ...place], ...rows);
const typed = (...rows: readonly string[]): string =>
  loop(['atom_site_label', 'atom_site_type_symbol', ...place], ...rows);
const carbon = sites('C1 .1 .2 .3');
const salt = sites('Na1 0 0 0', 'Cl1 .5 .5 .5');

describe('an empty statement', () => {
  test.each([alt(''), alt(' '), old(''), old('?'), hall(''), hall(' '), "_space_group_IT_number ''\n"])(
    '%j is none',
    (empty) => {
      expect(formula(cell(5.64) + empty + number(225) + salt)).toBe('Cl4Na4');
      expect(warnings(cell(5.64) + empty + number(225) + salt)).toBe('');
    },
  );
});

describe('the space group said twice', () => {
  test.each([
    [alt('P 1') + old('P m -3 m'), /names space group "P 1" and "P m -3 m"/],
    [alt('P m -3 m') + old('P 1'), /names space group "P m -3 m" and "P 1"/],
    [alt('P -1') + old('P 21/m'), /"P -1" and "P 21\/m"/],
    [`_space_group_IT_number 1\n${number(221)}`, /number 1 and number 221/],
    [`${hall('-P 1')}_symmetry_space_group_name_Hall 'P 1'\n`, /Hall symbols "-P 1" and "P 1"/],
    [number(221) + hall('P 1'), /Hall symbol "P 1" is not that of space group number 221/],
  ])('%j is refused', (said, message) => expect(() => read(cell(5) + said + carbon)).toThrow(message));

  test('beside listed operations is a warning where they are those of one name', () => {
    for (const said of [alt('P 1') + old('P m -3 m'), alt('P m -3 m') + old('P 1')]) {
      expect(formula(cell(5) + said + operations('x,y,z') + carbon)).toBe('C');
      expect(warnings(cell(5) + said + operations('x,y,z') + carbon)).toMatch(/the listed operations were taken/);
    }
    const neither = cell(5) + alt('P -1') + old('P m -3 m') + operations('x,y,z') + carbon;
    expect(() => read(neither)).toThrow(/only the identity is listed/);
  });

  test('in agreement, in short and in full, is no matter', () => {
    expect(warnings(cell(5.64) + alt('F 4/m -3 2/m') + old('Fm-3m') + hall('-F 4 2 3') + number(225) + salt)).toBe('');
    expect(formula(cell(5.43) + alt('F d -3 m') + old('F d -3 m :2') + sites('Si1 .125 .125 .125'))).toBe('Si8');
  });

  test('with another origin by its Hall symbol is refused, unless formula and Z decide', () => {
    const silicon = cell(5.43) + alt('F d -3 m :2') + hall('F 4d 2 3 -1d') + sites('Si1 .125 .125 .125');
    expect(() => read(silicon)).toThrow(
      /Hall symbol "F 4d 2 3 -1d" has another origin or other axes than "F d -3 m :2"/,
    );
    const decided = `${silicon}_chemical_formula_sum Si\n_cell_formula_units_Z 8\n`;
    expect(formula(decided)).toBe('Si8');
    expect(warnings(decided)).toMatch(/F d -3 m:2 was taken/);
  });

  test('as two lists of operations is refused where they differ', () => {
    const two = (...rows: string[]): string =>
      cell(5) + operations('x,y,z', '-x,-y,-z') + loop(['space_group_symop_operation_xyz'], ...rows) + carbon;
    expect(() => read(two('x,y,z'))).toThrow(/list different operations/);
    expect(formula(two('-x,-y,-z', 'x,y,z'))).toBe('C2');
  });

  test('only by a number with several settings is said', () => {
    const oxide = cell(5, 6, 7) + number(62) + carbon;
    expect(warnings(oxide)).toMatch(/space group number 62 was taken as P n m a, its standard setting/);
    expect(warnings(cell(5, 6, 7) + number(19) + carbon)).not.toMatch(/was taken/);
    expect(warnings(oxide + alt('P n m a'))).toBe('');
  });
});

describe('one quantity in a loop', () => {
  const lengths = ['cell_length_a', 'cell_length_b', 'cell_length_c'];
  test.each([
    cell(5.64).replace(/(?:_cell_length.*\n)+/, loop(lengths, '5.64 5.64 5.64', '4 4 4')) + alt('F m -3 m'),
    cell(5.64) + loop(['space_group_name_H-M_alt'], "'F m -3 m'", "'P 1'"),
    cell(5.64) + loop(['space_group_IT_number'], '225', '1'),
    cell(5.64) + loop(['space_group_name_Hall'], "'-F 4 2 3'", "'P 1'"),
    cell(5.64) + alt('F m -3 m') + loop(['chemical_formula_sum'], "'Na Cl'", "'K Br'"),
  ])('of rows that differ is refused', (said) => expect(() => read(said + salt)).toThrow(/in one loop/));

  test('of one value is read', () => {
    const single = cell(5.64).replace(/(?:_cell_length.*\n)+/, loop(lengths, '5.64 5.64 5.64'));
    expect(formula(single + loop(['space_group_IT_number'], '?', '225', '225') + salt)).toBe('Cl4Na4');
  });
});

describe('names as programs spell them', () => {
  test.each(['P2(1)/c', 'P 1 2(1)/c 1', 'P2~1~/c', 'P2_1/c', 'P 21/c'])('%s', (name) => {
    expect(formula(cell(5, 6, 7, 95) + alt(name) + number(14) + sites('C1 .12 .23 .34'))).toBe('C4');
    expect(warnings(cell(5, 6, 7, 95) + alt(name) + number(14) + sites('C1 .12 .23 .34'))).toBe('');
  });

  test('with the origin after no space', () =>
    expect(formula(cell(5.43) + alt('Fd-3mS') + sites('Si1 0 0 0'))).toBe('Si8'));
});

describe('operations that are not those of the name', () => {
  const all = ['0 0 0', '0 .5 .5', '.5 0 .5', '.5 .5 0'].map((at, index) => `Na${index} ${at}`);
  const other = ['.5 .5 .5', '.5 0 0', '0 .5 0', '0 0 .5'].map((at, index) => `Cl${index} ${at}`);
  test('need no decision where all atoms of the cell are listed', () => {
    const text = `${cell(5.64)}_chemical_formula_sum 'Na4 Cl4'\n_cell_formula_units_Z 1\n${alt('F m -3 m')}${operations('x,y,z')}${sites(...all, ...other)}`;
    expect(formula(text)).toBe('Cl4Na4');
    // One atom is another element: the readings are no longer the same.
    expect(() => read(text.replace('Na4 Cl4', 'Na3 K1 Cl4').replace('Na3 .5', 'K3 .5'))).not.toThrow();
    expect(formula(text.replace('Na4 Cl4', 'Na3 K1 Cl4').replace('Na3 .5', 'K3 .5'))).toBe('Cl4KNa3');
  });

  test('are refused with the count that is expected', () => {
    const text = cell(5, 6, 7, 100) + alt('P 21/c') + operations('x,y,z', '-x,-y,-z') + carbon;
    expect(() => read(text)).toThrow(
      /2 operations are listed, space group "P 21\/c" has 4 operations.*Complete the list of operations, or correct the space group/,
    );
    expect(() => read(text.replace('P 21/c', 'P 1'))).toThrow(/"P 1" has 1 operation\. /);
  });
});

describe('a monoclinic name in a cell of right angles', () => {
  test.each([
    ['P 2', 'P 1 2 1', 'x,y,z', '-x,y,-z'],
    ['P 21', 'P 1 21 1', 'x,y,z', '-x,y+1/2,-z'],
  ])('%s has the unique axis b, and this is said', (name, full, ...list) => {
    const box = cell(5, 6, 7);
    const named = read(box + alt(name) + carbon);
    expect(named.positions).toEqual(read(box + operations(...list) + carbon).positions);
    expect(named.warnings?.join()).toContain(`${full} was taken, its standard setting (unique axis b)`);
    const macromolecule = (group: string): string =>
      `CRYST1    5.000    6.000    7.000  90.00  90.00  90.00 ${group.padEnd(11)}   2\nHETATM    1  C1  LIG A   1       0.500   1.200   2.100  1.00  0.00           C\nEND\n`;
    expect(read(macromolecule(name), 'pdb').positions).toEqual(read(macromolecule(full), 'pdb').positions);
    expect(warnings(macromolecule(name), 'pdb')).toContain(`${full} was taken, its standard setting`);
  });

  test('is refused where axis b is an unusual setting of another group', () => {
    expect(() => read(cell(5, 6, 7) + alt('B 2') + carbon)).toThrow(/leaves its origin or axes open/);
  });
});

describe('sites', () => {
  const box = cell(5) + alt('P 1');
  test('of a label that is another element than the type symbol are said', () => {
    expect(warnings(box + typed('C1 O 0 0 0', 'O1 C .2 0 0'))).toMatch(/"C1" is O by its type symbol/);
    expect(warnings(box + typed('Fe1 O 0 0 0'))).toMatch(/"Fe1" is O by its type symbol/);
    expect(warnings(box + typed('CA1 C 0 0 0', 'T1 Si .5 0 0', 'D1 H 0 .5 .5'))).toBe('');
  });

  test('of an element that the atom types do not list are said', () => {
    const types = loop(['atom_type_symbol'], 'C', 'O');
    expect(warnings(box + types + typed('C1 C 0 0 0', 'N1 N .5 0 0'))).toMatch(/"N1" is N, which _atom_type_symbol/);
    expect(warnings(box + types + typed('C1 C 0 0 0', 'O1 O .5 0 0'))).toBe('');
  });

  test('of another multiplicity than their Wyckoff position are said', () => {
    const text = (letter: string): string =>
      cell(5.64) +
      alt('F m -3 m') +
      loop(['atom_site_label', ...place, 'atom_site_Wyckoff_symbol'], `Na1 0 0 0 ${letter}`);
    expect(warnings(text('8c'))).toMatch(/"Na1" has the Wyckoff position 8c, and 4 atoms in the cell/);
    expect(warnings(text('4a'))).toBe('');
    expect(warnings(text('a'))).toBe('');
  });
});

describe('coordinates of both kinds', () => {
  const both = (x: string): string =>
    cell(5) +
    alt('P 1') +
    loop(
      ['atom_site_label', ...place, 'atom_site_Cartn_x', 'atom_site_Cartn_y', 'atom_site_Cartn_z'],
      'C1 0 0 0 0 0 0',
      `O1 .25 0 0 ${x} 0 0`,
    );
  const matrix = (kind: string, ...rows: readonly (readonly number[])[]): string =>
    rows
      .flatMap((row, i) => row.map((value, j) => `_atom_sites_${kind}_tran_matrix_${i + 1}${j + 1} ${value}\n`))
      .join('');
  const cartesian =
    cell(5, 6, 7) +
    alt('P 1') +
    loop(['atom_site_label', 'atom_site_Cartn_x', 'atom_site_Cartn_y', 'atom_site_Cartn_z'], 'C1 1 2 3');

  test('that differ are said', () => {
    expect(warnings(both('1.25'))).toBe('');
    expect(warnings(both('1.45'))).toMatch(/line 18: Cartesian coordinates of atoms are not those/);
  });

  test('and a matrix that is not that of the cell', () => {
    expect(warnings(both('1.25') + matrix('Cartn', [0, 5, 0], [5, 0, 0], [0, 0, 5]))).toBe('');
    expect(warnings(both('1.25') + matrix('Cartn', [6, 0, 0], [0, 5, 0], [0, 0, 5]))).toMatch(
      /_atom_sites_cartn_tran_matrix is not that of the cell/,
    );
    expect(formula(cartesian + matrix('Cartn', [5, 0, 0], [0, 6, 0], [0, 0, 7]))).toBe('C');
    expect(formula(cartesian + matrix('fract', [0.2, 0, 0], [0, 1 / 6, 0], [0, 0, 1 / 7]))).toBe('C');
    for (const other of [
      matrix('Cartn', [0, 6, 0], [5, 0, 0], [0, 0, 7]),
      matrix('fract', [0, 0.2, 0], [1 / 6, 0, 0], [0, 0, 1 / 7]),
      `${matrix('Cartn', [5, 0, 0], [0, 6, 0], [0, 0, 7])}_atom_sites_Cartn_tran_vector_1 1\n`,
    ])
      expect(() => read(cartesian + other)).toThrow(/lays the axes otherwise than the cell implies/);
  });

  test('of mmCIF: a warning without images, an error with them', () => {
    const text = (group: string, length: number): string =>
      `${cell(5, 6, 7)}_symmetry.space_group_name_H-M '${group}'\n${[
        [1 / length, 0, 0],
        [0, 1 / 6, 0],
        [0, 0, 1 / 7],
      ]
        .flatMap((row, i) =>
          row.map((value, j) => `_atom_sites.fract_transf_matrix[${i + 1}][${j + 1}] ${value.toFixed(6)}\n`),
        )
        .join('')}${loop(
        [
          'atom_site.type_symbol',
          'atom_site.label_atom_id',
          'atom_site.Cartn_x',
          'atom_site.Cartn_y',
          'atom_site.Cartn_z',
        ],
        'C C1 1 2 3',
      )}`;
    expect(warnings(text('P 1', 5))).toBe('');
    expect(warnings(text('P 1', 5.5))).toMatch(/lays the axes otherwise/);
    expect(formula(text('P 1 21 1', 5))).toBe('C2');
    expect(() => read(text('P 1 21 1', 5.5))).toThrow(/fract_transf_matrix lays the axes otherwise/);
  });
});
