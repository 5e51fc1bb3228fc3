/** Elements of CIF sites: a label or type symbol that leaves a choice is refused, and what people write without a choice is read. */
import { describe, expect, test } from 'vitest';
import { chemicalFormula } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

const text = (columns: string, rows: readonly string[]): string =>
  `data_x\n_cell_length_a 9\n_cell_length_b 9\n_cell_length_c 9\n_space_group_name_H-M_alt 'P 1'\nloop_\n_atom_site_label\n${columns}_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n${rows.map((row, index) => `${row} .${index + 1} .1 .1\n`).join('')}`;
const formula = (columns: string, rows: readonly string[]): string =>
  chemicalFormula(readStructures(text(columns, rows), { format: 'cif', name: 'a.cif' })[0]!);
const ofLabels = (...labels: readonly string[]): string => formula('', labels);
const ofType = (type: string): string => formula('_atom_site_type_symbol\n', [`M1 ${type}`]);

describe('a type symbol', () => {
  test.each(['Fe/Mg', 'Fe,Mg', "'Fe Mg'", 'Fe0.5Mg0.5', 'Fe-Mg', 'Fe_Mg', 'Fe2+Mg', 'Si4+/Al3+', 'N/C'])(
    '%s of two elements is refused',
    (type) => expect(() => ofType(type)).toThrow(/the site "M1" is a mixture/),
  );
  test.each(['Fe', 'FE', 'Fe3+', "'Fe 3+'", 'Fe2.67+', 'Fe+3', 'Fe0+'])('%s is iron', (type) =>
    expect(ofType(type)).toBe('Fe'),
  );
});

describe('a label without a type symbol', () => {
  test.each(['Al/Si1', 'Na,K1', 'Si-Al', 'Si(Al)', 'Fe_Mg'])('%s of two elements is refused', (label) =>
    expect(() => ofLabels(label)).toThrow(`the label "${label}" names two elements`),
  );
  test.each([['T1'], ['T1', 'O1'], ['T2Si', 'O1']])('%s is a tetrahedral site, and no tritium', (...labels) =>
    expect(() => ofLabels(...labels)).toThrow(`unknown element "${labels[0]}"`),
  );
  test.each([
    ['CA1', 'C1', 'N1', 'O1'],
    ['CO1', 'C2', 'O1'],
    ['HO1', 'O1'],
    ['NE1', 'C1'],
    ['W1', 'C1', 'H1A'],
  ])('%s beside the atoms of a molecule is not clear', (...labels) =>
    expect(() => ofLabels(...labels)).toThrow(`the element is not clear from the label "${labels[0]}"`),
  );
  test.each([
    [['CA1', 'F1'], 'CaF'],
    [['CO1', 'AL1'], 'AlCo'],
    [['PT1', 'P1'], 'PPt'],
    [['W1', 'C1'], 'CW'],
    [['H1Na', 'O1W', 'C1_A', 'C(2)', "N1'"], 'C2HNO'],
  ])('%j is read', (labels, expected) => expect(ofLabels(...labels)).toBe(expected));
});
