/** What CIF files say of their crystals beside sites and symmetry: masses, electrons, crystal system, axes. What differs is said. */
import { describe, expect, test } from 'vitest';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

const read = (text: string): Structure => readStructures(text, { format: 'cif', name: 'a.cif' })[0]!;
const warnings = (text: string): string => read(text).warnings?.join('\n') ?? '';
const formula = (text: string): string => chemicalFormula(read(text));

const right = '_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n';
const block = (a: number, said: string, ...sites: readonly string[]): string =>
  `data_x\n_cell_length_a ${a}\n_cell_length_b ${a}\n_cell_length_c ${a}\n${said.includes('_angle_') ? said : right + said}loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n${sites.map((site) => `${site}\n`).join('')}`;
const rockSalt = "_space_group_name_H-M_alt 'F m -3 m'\n";
const salt = (said: string): string => block(5.64, rockSalt + said, 'Na1 0 0 0', 'Cl1 .5 .5 .5');
const carbon = (said: string): string => block(5, said, 'C1 .12 .23 .34');
const units = (z: number): string => `_cell_formula_units_Z ${z}\n`;

describe('what is compared with the atoms', () => {
  test.each([
    [`_chemical_formula_weight 74.55\n${units(4)}`, /weight is 74.55 with Z = 4, the atoms of the cell weigh 233.76/],
    [`_chemical_formula_weight 58.44\n${units(8)}`, /weight is 58.44 with Z = 8/],
    ['_exptl_crystal_density_diffrn 4.33\n', /density is 4.33 g\/cm³, that of the atoms in the cell is 2.164/],
    ['_exptl_crystal_F_000 56\n', /F\(000\) is 56, the atoms of the cell have 112 electrons/],
    [
      `_chemical_formula_moiety 'K 1+, Cl 1-'\n${units(4)}`,
      /formula is "K 1\+, Cl 1-" with Z = 4 .* the cell has Cl4 Na4$/m,
    ],
    [`_chemical_formula_moiety 'Na 1+, Cl 1-'\n${units(8)}`, /that is Z = 4/],
    ["_chemical_formula_structural 'Na Br'\n", /formula is "Na Br"/],
    ['_symmetry_cell_setting monoclinic\n', /the file says "monoclinic", its symmetry operations are cubic/],
    ['_space_group_crystal_system hexagonal\n', /the file says "hexagonal"/],
  ])('%j draws a warning', (said, message) => expect(warnings(salt(said))).toMatch(message));

  test.each([
    `_chemical_formula_weight 58.44\n${units(4)}`,
    '_chemical_formula_weight 58.44\n',
    '_chemical_formula_weight 233.8\n',
    '_exptl_crystal_density_diffrn 2.164(2)\n',
    '_exptl_crystal_density_diffrn 2164\n',
    '_exptl_crystal_F_000 112\n',
    '_exptl_crystal_F_000 110.6\n',
    '_exptl_crystal_F_000 15.2\n_diffrn_radiation_probe neutron\n',
    "_chemical_formula_moiety 'Na 1+, Cl 1-'\n",
    `_chemical_formula_moiety 'Cl Na'\n${units(4)}`,
    "_chemical_formula_moiety '(Na Cl)n'\n",
    "_chemical_formula_structural '(Na Cl)'\n",
    '_symmetry_cell_setting cubic\n',
    '_space_group_crystal_system Cubic\n',
    '_symmetry_cell_setting ?\n',
    "_chemical_formula_sum '?'\n",
    "_chemical_formula_sum '.'\n",
  ])('%j is no matter', (said) => expect(warnings(salt(said))).toBe(''));

  test('deuterium is as heavy as the file says, with one warning where hydrogens are missing', () => {
    const ice = (said: string): string =>
      block(3, `_space_group_name_H-M_alt 'P 1'\n${said}`, 'O1 0 0 0', 'D1 .3 0 0', 'D2 0 .3 0');
    expect(warnings(ice('_chemical_formula_weight 20.03\n'))).toBe('');
    expect(warnings(ice('_chemical_formula_weight 18.02\n'))).toBe('');
    const without = carbon(
      "_space_group_name_H-M_alt 'P 1'\n_chemical_formula_sum 'C H4'\n_chemical_formula_weight 16.04\n",
    );
    expect(read(without).warnings).toHaveLength(1);
  });

  test('a moiety tells carbon from cobalt', () =>
    expect(
      formula(block(9, "_space_group_name_H-M_alt 'P 1'\n_chemical_formula_moiety 'C O'\n", 'CO1 0 0 0', 'O1 .1 0 0')),
    ).toBe('CO'));
});

describe('crystal systems', () => {
  const cells: Record<string, string> = { P: '90 90 90', H: '90 90 120' };
  test.each([
    ['P 1', 'triclinic'],
    ['P 1 2/m 1', 'monoclinic'],
    ['P m m 2', 'orthorhombic'],
    ['P -4 2 m', 'tetragonal'],
    ['P 3 1 m', 'trigonal'],
    ['P 3 1 m', 'hexagonal'],
    ['R -3 :H', 'rhombohedral'],
    ['P 6/m', 'hexagonal'],
    ['I a -3', 'cubic'],
  ])('%s is %s', (name, system) => {
    const [alpha, beta, gamma] = (cells[/ 3| 6|-3 :/.test(name) ? 'H' : 'P'] ?? '').split(' ');
    const angles = `_cell_angle_alpha ${alpha}\n_cell_angle_beta ${beta}\n_cell_angle_gamma ${gamma}\n`;
    const text = (said: string): string =>
      block(9, `${angles}_space_group_name_H-M_alt '${name}'\n_symmetry_cell_setting ${said}\n`, 'C1 .12 .23 .34');
    expect(warnings(text(system))).toBe('');
    expect(warnings(text(system === 'triclinic' ? 'cubic' : 'triclinic'))).toMatch(/its symmetry operations are/);
  });
});

describe('the code of the coordinate system', () => {
  const code = (text: string): string => `_space_group_IT_coordinate_system_code ${text}\n`;
  const silicon = (said: string): string => block(5.43, said, 'Si1 .125 .125 .125');
  test('settles the origin', () => {
    expect(formula(silicon(`_space_group_IT_number 227\n${code('2')}`))).toBe('Si8');
    expect(formula(silicon(`_space_group_name_H-M_alt 'F d -3 m'\n${code('1')}`))).toBe('Si16');
  });
  test('of the standard axes says what a number alone leaves open', () => {
    const monoclinic = (said: string): string => carbon(`_space_group_IT_number 14\n${said}`);
    expect(warnings(monoclinic(''))).toMatch(/its standard setting/);
    expect(warnings(monoclinic(code('b1')))).toBe('');
  });
  test('against the name is refused', () =>
    expect(() => read(silicon(`_space_group_name_H-M_alt 'F d -3 m :2'\n${code('1')}`))).toThrow(
      /"1" .* is not that of space group "F d -3 m:2"/,
    ));
  test('of other axes than the number alone means is refused', () => {
    expect(() => read(carbon(`_space_group_IT_number 62\n${code('cab')}`))).toThrow(/"cab" .* Add the name/);
    expect(() => read(carbon(`_space_group_IT_number 14\n${code('b2')}`))).toThrow(/"b2"/);
    expect(formula(carbon(`_space_group_IT_number 62\n${code('abc')}`))).toBe('C8');
    expect(formula(carbon(`_space_group_name_H-M_alt 'P b n m'\n_space_group_IT_number 62\n${code('cab')}`))).toBe(
      'C8',
    );
  });
});

describe('operations', () => {
  const magnetic = 'loop_\n_space_group_symop_magn_operation.xyz\nx,y,z,+1\n-x,-y,-z,-1\n';
  test('without x,y,z get it, with a warning', () => {
    const text = carbon('loop_\n_symmetry_equiv_pos_as_xyz\n-x,-y,-z\n');
    expect(formula(text)).toBe('C2');
    expect(warnings(text)).toMatch(/lacks x,y,z, which was added/);
  });
  test('that are magnetic beside others that differ draw a warning', () => {
    const text = (...rows: string[]): string =>
      carbon(`${magnetic}loop_\n_symmetry_equiv_pos_as_xyz\n${rows.join('\n')}\n`);
    expect(warnings(text('x,y,z'))).toMatch(/the magnetic ones were taken/);
    expect(warnings(text('x,y,z', '-x,-y,-z'))).toBe('');
  });
  test.each([
    'loop_\n_space_group_symop_magn_ssg_operation.algebraic\nx1,x2,x3,x4,+1\n',
    '_cell_wave_vector_seq_id 1\n_cell_wave_vector_x 0.21\n',
    '_cell_subsystems_number 2\n',
  ])('of superspace are refused: %j', (said) => expect(() => read(carbon(said))).toThrow(/modulated structure/));
  test('of superspace that are unknown are none', () =>
    expect(formula(carbon('_space_group_ssg_name ?\n_cell_wave_vector_x ?\n'))).toBe('C'));
});

describe('lists of atoms', () => {
  const list = (name: string, items: string, ...rows: readonly string[]): string =>
    `loop_\n${items
      .split(' ')
      .map((item) => `_${name}_${item}\n`)
      .join('')}${rows.map((row) => `${row}\n`).join('')}`;
  const places = 'fract_x fract_y fract_z';
  const head = block(5, "_space_group_name_H-M_alt 'P 1'\n").split('loop_')[0] ?? '';
  test.each([
    [list('atom_site', 'label', 'C1', 'O1') + list('atom_site', places, '0 0 0', '.3 0 0')],
    [list('atom_site', 'label', 'C1', 'O1', 'H1') + list('atom_site', places, '0 0 0', '.3 0 0')],
    [list('atom_site', `label ${places}`, 'C1 0 0 0', 'O1 .3 0 0') + list('atom_site', 'type_symbol', 'O', 'C')],
    [list('atom_site', `label ${places}`, 'C1 0 0 0', 'O1 .3 0 0') + list('atom_site', 'occupancy', '1')],
    [
      list('atom_site', `label ${places}`, 'C1 0 0 0', 'O1 .3 0 0') +
        list('atom_site', 'Cartn_x Cartn_y Cartn_z', '1.5 0 0', '0 0 0'),
    ],
  ])('in two loops are refused', (sites) => expect(() => read(head + sites)).toThrow(/stand in different loops/));

  test('in one loop of long rows are read', () =>
    expect(
      formula(
        `${head}loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nC1 0\n0 0 O1 .3\n0\n0\n`,
      ),
    ).toBe('CO'));

  test('that others name and the sites lack draw a warning', () => {
    const text = (...labels: readonly string[]): string =>
      head +
      list('atom_site', `label ${places}`, 'O-h1 0 0 0') +
      list('atom_site_aniso', 'label U_11', ...labels.map((label) => `${label} .1`));
    expect(warnings(text('Oh1', 'C2'))).toMatch(/atoms are not in the list of sites: C2$/);
    expect(warnings(text('O-h1')) + warnings(text('Oh1'))).toBe('');
  });
});

test('more formula units than Z in one place are refused', () => {
  const disulfide = (x: string): string =>
    `${block(5, "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 120\n_space_group_name_H-M_alt 'P 63/m m c'\n_chemical_formula_sum 'Mo S2'\n_cell_formula_units_Z 2\n", `Mo1 ${x} .25`, `S1 ${x} .621`)}`;
  expect(formula(disulfide('.3333 .6667'))).toBe('Mo2S4');
  expect(() => read(disulfide('.32 .68'))).toThrow(/that is Z = 6, with atoms nearer than 0.5 Å/);
});

test('a cell without the symmetry of the group is shown', () =>
  expect(() =>
    read(block(5, `${right.replace('alpha 90', 'alpha 80')}_space_group_name_H-M_alt 'P 1 21/c 1'\n`, 'C1 0 0 0')),
  ).toThrow('the cell (5 5 5 80 90 90) does not have the symmetry of "P 1 21/c 1"'));

test('a number is read without the blanks around it', () =>
  expect(formula(block(5.64, "_space_group_IT_number ' 225 '\n", 'Na1 0 0 0', 'Cl1 .5 .5 .5'))).toBe('Cl4Na4'));
