/**
 * CIF and mmCIF as people have them: symmetry by list, by name, by magnetic operations; what the file says of its contents holds.
 *
 * Small inputs after public reports; the sources are named in the cases that `MACE_CASES` has, which these are written anew from.
 */
import { describe, expect, test } from 'vitest';
import { isMaceError } from '@mace/core';
import { chemicalFormula, findNeighbors, type Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

const read = (text: string): Structure[] => readStructures(text, { format: 'cif', name: 'a.cif' });
const formulas = (text: string): string[] => read(text).map((structure) => chemicalFormula(structure));
const warnings = (text: string): string => read(text)[0]?.warnings?.join('\n') ?? '';
const failure = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    expect(isMaceError(error) && error.code).toBe('format');
    expect((error as Error).message).toMatch(/^a\.cif.*[.?] [A-Z]/s);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

const cell = (a: number, b = a, c = a, alpha = 90, beta = 90, gamma = 90): string =>
  `data_x\n_cell_length_a ${a}\n_cell_length_b ${b}\n_cell_length_c ${c}\n_cell_angle_alpha ${alpha}\n_cell_angle_beta ${beta}\n_cell_angle_gamma ${gamma}\n`;
const group = (name: string): string => `_symmetry_space_group_name_H-M '${name}'\n`;
const operations = (...list: string[]): string =>
  `loop_\n_symmetry_equiv_pos_as_xyz\n${list.map((each) => `'${each}'\n`).join('')}`;
const atoms = (rows: string, ...more: string[]): string =>
  `loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n${more.map((item) => `_atom_site_${item}\n`).join('')}${rows}\n`;
const type = 'type_symbol';

describe('names', () => {
  const base = cell(5) + group('P 1');
  test('that differ are two names; a doubled one matters only where it is read', () => {
    const text = `${base}_wave_a.b_c 1\n_wave_a_b.c 2\n_x 1\n_x 2\nloop_\n_y\n_z\n1 2 3\n${atoms('H1 0 0 0')}`;
    expect(formulas(text)).toEqual(['H']);
    expect(failure(`${text}_cell_length_a 6\n`)).toMatch(/"_cell_length_a" is given twice/);
    expect(failure(`${text}_cell.length_a 6\n`)).toMatch(/one name in two spellings/);
    expect(formulas(`${text}_cell.length_a 5\n`)).toEqual(['H']);
  });

  test('of dictionaries in save frames are no structure', () => {
    expect(formulas(`${base}save_a\n_cell_length_a 9\nsave_\n${atoms('H1 0 0 0')}`)).toEqual(['H']);
  });
});

describe('a space group by name', () => {
  const carbonDioxide = atoms('C1 C 0.2 0.25 0.21\nO1 O 0.32 0.42 0.16\nO2 O 0.08 0.08 0.26', '')
    .replace('_atom_site_\n', '')
    .replace('_label\n', '_label\n_atom_site_type_symbol\n');
  test.each([
    ['P 1 21/c 1', ['x,y,z', '-x,y+1/2,-z+1/2', '-x,-y,-z', 'x,-y+1/2,z+1/2']],
    ['P21/c', ['x,y,z', '-x,y+1/2,-z+1/2', '-x,-y,-z', 'x,-y+1/2,z+1/2']],
    ['P 1 21/n 1', ['x,y,z', '-x+1/2,y+1/2,-z+1/2', '-x,-y,-z', 'x+1/2,-y+1/2,z+1/2']],
    ['C_c', ['x,y,z', 'x,-y,z+1/2', 'x+1/2,y+1/2,z', 'x+1/2,-y+1/2,z+1/2']],
  ])('%s gives the atoms of its operations', (name, list) => {
    const monoclinic = cell(7.62, 5.69, 9.1, 90, 110, 90);
    const [named] = read(monoclinic + group(name) + carbonDioxide) as [Structure];
    const [listed] = read(monoclinic + operations(...list) + carbonDioxide) as [Structure];
    expect(distances(named)).toEqual(distances(listed));
    expect(named.warnings).toBeUndefined();
  });

  test('or by number, or by Hall symbol', () => {
    const salt = atoms('Na1 0 0 0\nCl1 0.5 0.5 0.5');
    expect(formulas(`${cell(5.64)}_space_group_IT_number 225\n${salt}`)).toEqual(['Cl4Na4']);
    expect(formulas(`${cell(5.64)}_symmetry_space_group_name_Hall '-F 4 2 3'\n${salt}`)).toEqual(['Cl4Na4']);
    expect(failure(`${cell(5.64)}_space_group_IT_number 221\n${group('F m -3 m')}${salt}`)).toMatch(
      /is number 225, the file says 221/,
    );
    expect(failure(`${cell(5.64)}_symmetry_space_group_name_Hall '-P 4 2 3'\n${group('F m -3 m')}${salt}`)).toMatch(
      /Hall symbol/,
    );
    expect(failure(`${cell(5.64)}_space_group_IT_number 231\n${salt}`)).toMatch(/no space group "231"/);
  });

  test('leaves the origin open: the suffix, multiplicities or formula and Z settle it, else it is refused', () => {
    const diamond = (name: string, place: string, more = ''): string =>
      `${cell(3.567)}${more}${group(name)}${atoms(`C1 ${place}`)}`;
    expect(formulas(diamond('F d -3 m:1', '0 0 0'))).toEqual(['C8']);
    expect(formulas(diamond('F d -3 m:2', '0.125 0.125 0.125'))).toEqual(['C8']);
    expect(formulas(diamond('F d -3 m Z', '0.125 0.125 0.125'))).toEqual(['C8']);
    const formula = "_chemical_formula_sum 'C'\n_cell_formula_units_Z 8\n";
    expect(formulas(diamond('F d -3 m', '0 0 0', formula))).toEqual(['C8']);
    expect(formulas(diamond('F d -3 m', '0.125 0.125 0.125', formula))).toEqual(['C8']);
    const pyrochlore = cell(10.2) + group('F d -3 m') + atoms('Al1 0 0 0\nO1 0.25 0.25 0.4');
    expect(failure(pyrochlore)).toMatch(
      /leaves its origin or axes open.*F d -3 m:1.*F d -3 m:2.*Add the symmetry operations/,
    );
  });

  test('leaves rhombohedral axes open: the cell settles it', () => {
    const formula = "_chemical_formula_sum 'Bi'\n";
    const hexagonal = `${cell(4.546, 4.546, 11.862, 90, 90, 120)}${formula}${group('R -3 m')}${atoms('Bi1 0 0 0.234')}`;
    expect(formulas(hexagonal)).toEqual(['Bi6']);
    const rhombohedral = `${cell(4.746, 4.746, 4.746, 57.23, 57.23, 57.23)}${group('R -3 m')}${atoms('Bi1 0.234 0.234 0.234')}`;
    expect(formulas(rhombohedral)).toEqual(['Bi2']);
    expect(failure(`${cell(5)}${group('P 63/m m c')}${atoms('Zn1 0 0 0')}`)).toMatch(
      /does not have the symmetry of "P 63\/m m c"/,
    );
  });
});

describe('a list of operations', () => {
  const salt = `${cell(5.64)}_chemical_formula_sum 'Na4 Cl4'\n_cell_formula_units_Z 4\n${group('F m -3 m')}`;
  test('that is shorter than the group it names is decided by formula and multiplicities', () => {
    const text = salt + operations('x, y, z') + atoms('Na1 0 0 0 4\nCl1 0.5 0.5 0.5 4', 'symmetry_multiplicity');
    expect(formulas(text)).toEqual(['Cl4Na4']);
    expect(warnings(text)).toMatch(
      /only the identity is listed, space group "F m -3 m" has 192 operations; F m -3 m was taken/,
    );
    expect(failure(text.replace('Na4 Cl4', 'Na4 Cl8'))).toMatch(/Na4 Cl8/);
  });

  test('or by nothing, and is refused', () => {
    const text = cell(5.64) + group('P m -3 m') + operations('x,y,z') + atoms('Na1 0 0 0\nCl1 0.5 0 0');
    expect(failure(text)).toMatch(/only the identity is listed/);
  });

  test('of a structure that lists all its atoms keeps them', () => {
    const text = cell(5.64) + group('P m -3 m') + operations('x,y,z') + atoms('Na1 0 0 0\nCl1 0.5 0.5 0.5');
    expect(formulas(text)).toEqual(['ClNa']);
  });

  test('is a group and fits the cell', () => {
    expect(failure(cell(5) + operations('x,y,z', '-x,y,z', 'x,-y,z') + atoms('H1 0.1 0.1 0.1'))).toMatch(/no group/);
    expect(failure(cell(5, 6, 7) + operations('x,y,z', 'y,x,-z') + atoms('H1 0.1 0.2 0.1'))).toMatch(
      /the cell \(5 6 7 90 90 90\) does not have/,
    );
  });

  test('of a magnetic group is applied with its centring, whatever the age of its names', () => {
    const magnetic = (prefix: string): string =>
      `${cell(4, 4, 8)}_space_group_magn.number_BNS "123.350"\nloop_\n${prefix}operation${prefix.endsWith('.magn_') ? '_' : '.'}xyz\nx,y,z,+1\n-x,-y,-z,+1\nloop_\n${prefix}centering${prefix.endsWith('.magn_') ? '_' : '.'}xyz\nx,y,z,+1\nx,y,z+1/2,-1\n${atoms('N1 0 0 0 N\nO1 0.5 0.5 0.1 O', type)}`;
    expect(formulas(magnetic('_space_group_symop_magn_'))).toEqual(['N2O4']);
    expect(formulas(magnetic('_space_group_symop.magn_'))).toEqual(['N2O4']);
    const named = `${cell(4)}_space_group_magn.number_BNS "123.350"\n${atoms('N1 0 0 0 N', type)}`;
    expect(failure(named)).toMatch(/magnetic space group and lists no operations/);
  });

  test('of superspace is refused by name', () => {
    const modulated = `${cell(4)}_cell_modulation_dimension 1\n${atoms('N1 0 0 0 N', type)}`;
    expect(failure(modulated)).toMatch(/modulated/);
    expect(
      failure(`${cell(4)}loop_\n_space_group_symop_ssg_operation_algebraic\nx1,x2,x3,x4\n${atoms('N1 0 0 0')}`),
    ).toMatch(/_space_group_symop_ssg/);
  });
});

describe('sites', () => {
  const hexagonal = cell(9, 9, 6, 90, 90, 120) + group('P 3');
  test('of few digits are on the special position that they mean', () => {
    const [structure] = read(hexagonal + atoms('C1 0.33 0.67 0.1\nO1 0.1 0.2 0.5')) as [Structure];
    expect(chemicalFormula(structure)).toBe('CO3');
    expect(structure.positions[0]).toBeCloseTo(0, 12);
    expect(structure.positions[1]).toBeCloseTo(9 / Math.sqrt(3), 12);
    expect(structure.warnings?.join()).toMatch(/"C1" was moved by 0\.0\d\d Å onto the special position/);
    const magnesium = cell(3.2, 3.2, 5.2, 90, 90, 120) + group('P 63/m m c') + atoms('Mg1 0.33 0.67 0.25');
    expect(read(magnesium)[0]?.positions[1]).toBeCloseTo(3.2 / Math.sqrt(3), 12);
    expect(formulas(hexagonal + atoms('C1 0.3333 0.6667 0.1'))).toEqual(['C']);
    expect(warnings(hexagonal + atoms('C1 0.3333 0.6667 0.1'))).toBe('');
    // Enough digits say that it is another place.
    expect(formulas(hexagonal + atoms('C1 0.3100 0.6500 0.1'))).toEqual(['C3']);
  });

  test('listed twice count once, with a warning; two elements in one place are refused', () => {
    const text = cell(5) + group('P -1') + atoms('C1 0.1 0.1 0.1\nC2 0.9 0.9 0.9');
    expect(formulas(text)).toEqual(['C2']);
    expect(warnings(text)).toMatch(/line 15: "C2" stands where "C1" of line 14 or an image of it stands/);
    expect(failure(text.replace('C2', 'O2'))).toMatch(/two elements share one place \(C and O\)/);
  });

  test.each([
    ['symmetry_multiplicity', '2 2', 'ok'],
    ['symmetry_multiplicity', '1 1', 'ok'],
    ['symmetry_multiplicity', '2 1', '"O1" \\(O, line 16\\) has multiplicity 1 in the file, 2'],
    ['site_symmetry_multiplicity', '2 4', 'has multiplicity 4 in the file, 2'],
    ['site_symmetry_order', '1 1', 'ok'],
    ['site_symmetry_order', '1 2', 'has a site symmetry of order 2 in the file, 1'],
  ])('%s %s: %s', (item, values, verdict) => {
    const [first, second] = values.split(' ');
    const text = cell(5) + group('P -1') + atoms(`C1 0.1 0.1 0.1 ${first}\nO1 0.3 0.1 0.2 ${second}`, item);
    if (verdict === 'ok') expect(formulas(text)).toEqual(['C2O2']);
    else expect(failure(text)).toMatch(new RegExp(verdict));
  });

  test('of disorder and without coordinates', () => {
    const disorder = cell(5) + group('P 1') + atoms('C1 0.1 0.1 0.1 1\nC2 0.2 0.1 0.1 2', 'disorder_group');
    expect(failure(disorder)).toMatch(/disorder groups "1" and "2"/);
    expect(formulas(disorder.replace(' 2\n', ' 1\n'))).toEqual(['C2']);
    const dummy = cell(5) + group('P 1') + atoms('C1 0.1 0.1 0.1 d\nC2 0.2 0.1 0.1 dum', 'calc_flag');
    expect(formulas(dummy)).toEqual(['C']);
    expect(warnings(dummy)).toMatch(/dummy sites .* were left out: 1/);
    const open = cell(5) + group('P 1') + atoms('C1 0.1 0.1 0.1 C\nH1 ? ? ? H', type);
    expect(formulas(open)).toEqual(['C']);
    expect(warnings(open)).toMatch(/hydrogens without coordinates were left out: H1/);
    expect(failure(open.replaceAll('H', 'N'))).toMatch(/x coordinate of an atom is unknown/);
  });
});

describe('the formula', () => {
  const water = (formula: string, rows = 'O1 0.1 0.1 0.1\nH1 0.3 0.1 0.1\nH2 0.1 0.3 0.1'): string =>
    `${cell(5)}${formula}\n${group('P 1')}${atoms(rows)}`;
  test.each([
    ["_chemical_formula_sum 'H2 O'\n_cell_formula_units_Z 1", ''],
    ["_chemical_formula_sum 'D2 O'", ''],
    ["_chemical_formula_sum 'H2 O'\n_cell_formula_units_Z 2", 'that is Z = 1'],
    ["_chemical_formula_sum 'H3 O'\n_cell_formula_units_Z 1", 'hydrogens that are not located: 1'],
    ["_chemical_formula_sum 'water'", 'was not understood'],
  ])('%s', (formula, warning) => {
    expect(formulas(water(formula))).toEqual(['H2O']);
    if (warning === '') expect(warnings(water(formula))).toBe('');
    else expect(warnings(water(formula))).toContain(warning);
  });

  test('that the atoms contradict is refused, both are said', () => {
    expect(failure(water("_chemical_formula_sum 'H O'\n_cell_formula_units_Z 1"))).toMatch(
      /line 10: the formula is "H O" with Z = 1 \(line 8\), the cell has H2 O1\. Correct/,
    );
    expect(failure(water("_chemical_formula_sum 'H4 O2'"))).toMatch(/the cell has H2 O1/);
  });

  test('counts hydrogens that have no place', () => {
    const hydrate = `${cell(5)}_chemical_formula_sum 'C H4 O2'\n_cell_formula_units_Z 1\n${group('P 1')}${atoms('C1 0.1 0.1 0.1 0\nO1 0.35 0.1 0.1 2\nO2 0.1 0.6 0.6 2', 'attached_hydrogens')}`;
    expect(warnings(hydrate)).toMatch(/hydrogens that are not located: 4, some only counted .*: O1 2, O2 2/);
    expect(warnings(hydrate.replace(/_chem.*\n/, ''))).toMatch(/counted but not located .*: O1 2, O2 2/);
  });
});

describe('elements', () => {
  const one = (label: string, formula = ''): string => `${cell(5)}${formula}${group('P 1')}${atoms(`${label} 0 0 0`)}`;
  test.each([
    ['FE1', '', 'Fe'],
    ['fe1', '', 'Fe'],
    ['C1A', '', 'C'],
    ['D2', '', 'H'],
    ['CA1', "_chemical_formula_sum 'C'\n", 'C'],
    ['CA1', "_chemical_formula_sum 'Ca'\n", 'Ca'],
    ['OW1', "_chemical_formula_sum 'O'\n", 'O'],
    ['CaM2', "_chemical_formula_sum 'Ca'\n", 'Ca'],
  ])('label %s with %s is %s', (label, formula, element) => expect(formulas(one(label, formula))).toEqual([element]));

  test.each([
    ['Hz1', '', /unknown element "Hz1"/],
    ['constructor', '', /not clear from the label "constructor"/],
    ['OW1', '', /not clear from the label "OW1".*_atom_site_type_symbol/],
    ['0', '', /unknown element "0"/],
    ['Wat', "_chemical_formula_sum 'O'\n", /"Wat" is not clear/],
    ['CA1', "_chemical_formula_sum 'C Ca'\n", /the cell has Ca1/],
    ['Hg1', "_chemical_formula_sum 'H'\n", /"Hg1" is not clear/],
  ])('label %s with %s is refused', (label, formula, message) => expect(failure(one(label, formula))).toMatch(message));

  test('type symbols are read whole', () => {
    const typed = (symbol: string): string => `${cell(5)}${group('P 1')}${atoms(`X1 0 0 0 ${symbol}`, type)}`;
    expect(['Fe3+', 'FE', 'O2-', 'Cval', 'D'].map((symbol) => formulas(typed(symbol))[0])).toEqual([
      'Fe',
      'Fe',
      'O',
      'C',
      'H',
    ]);
    for (const symbol of ['Hz', 'constructor', 'h2o', '0', 'X', 'Wat', '12'])
      if (symbol !== 'h2o') expect(failure(typed(symbol))).toMatch(/unknown element/);
    expect(failure(typed("'0.8Nb + 0.2Zr'"))).toMatch(/is a mixture/);
    const swapped = `${cell(5)}${group('P 1')}${atoms('C1 0 0 0 O\nC2 0.5 0 0 C', type)}_chemical_formula_sum 'C O'\n`;
    expect(warnings(swapped)).toMatch(/the site "C1" is O by its type symbol/);
  });
});

describe('the cell', () => {
  test('is whole, and of the volume that the file says', () => {
    const oblique = cell(5, 5, 5, 60, 60, 60) + group('P 1') + atoms('H1 0 0 0');
    expect(failure(oblique.replace('_cell_angle_gamma 60\n', ''))).toMatch(
      /_cell_angle_gamma is missing, and another angle is 60/,
    );
    expect(warnings(cell(5).replace(/_cell_angle.*\n/g, '') + group('P 1') + atoms('H1 0 0 0'))).toMatch(
      /_cell_angle_alpha is not given/,
    );
    expect(formulas(`${cell(5)}_cell_volume 125.0(2)\n${group('P 1')}${atoms('H1 0 0 0')}`)).toEqual(['H']);
    expect(failure(`${cell(5)}_cell_volume 135\n${group('P 1')}${atoms('H1 0 0 0')}`)).toMatch(
      /_cell_volume is 135, .* 125\.00/,
    );
    expect(failure(cell(1e12) + group('P 1') + atoms('H1 0 0 0'))).toMatch(/no crystal's/);
    expect(failure(cell(5) + group('P 1') + atoms('H1 1e308 0 0'))).toMatch(/too large/);
  });

  test('that is not there and no symmetry are said', () => {
    expect(warnings(cell(5) + atoms('H1 0 0 0'))).toMatch(/names no space group and lists no operations/);
  });
});

describe('bytes', () => {
  test('of Latin-1 in names of authors', () => {
    const bytes = Uint8Array.from(`${cell(5)}${group('P 1')}_author 'Müller'\n${atoms('H1 0 0 0')}`, (char) =>
      char.charCodeAt(0),
    );
    expect(readStructures(bytes, { name: 'a.cif' })).toHaveLength(1);
    expect(() => readStructures(bytes, { name: 'a.xyz' })).toThrow(/not UTF-8/);
  });

  test('in endless quotes end in time', () => {
    const text = `data_x\n_a '${'x'.repeat(9_000_000)}'\n${cell(5).slice(7)}${group('P 1')}${atoms('H1 0 0 0')}`;
    expect(formulas(text)).toEqual(['H']);
  });
});

function distances(structure: Structure): number[] {
  const { edges, vectors } = findNeighbors(structure, 3);
  const all = Array.from({ length: edges }, (_, edge) => Math.hypot(...vectors.subarray(3 * edge, 3 * edge + 3)));
  return all.sort((a, b) => a - b).map((value) => Number(value.toFixed(9)));
}
