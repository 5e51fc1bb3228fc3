/** PDB and mmCIF as people have them: elements by residue, alternative locations, models, crystals; damage is never read as other atoms. */
import { describe, expect, test } from 'vitest';
import { isMaceError } from '@mace/core';
import { chemicalFormula, findNeighbors, type Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';

const read = (lines: readonly string[]): Structure[] =>
  readStructures(`${lines.join('\n')}\n`, { format: 'pdb', name: 'a.pdb' });
const formulas = (lines: readonly string[]): string[] => read(lines).map((structure) => chemicalFormula(structure));
const warnings = (lines: readonly string[]): string => read(lines)[0]?.warnings?.join('\n') ?? '';
const failureOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(isMaceError(error) && error.code).toBe('format');
    expect((error as Error).message).toMatch(/[.?] [A-Z]/s);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};
const failure = (lines: readonly string[]): string => failureOf(() => read(lines));

interface Row {
  name?: string;
  alternative?: string;
  residue?: string;
  number?: string;
  x?: number;
  y?: number;
  z?: number;
  occupancy?: string;
  element?: string;
  record?: string;
}
/** One record; `name` with its place in the four columns. */
const atom = ({
  name = ' C  ',
  alternative = ' ',
  residue = 'LIG',
  number = '1',
  x = 0,
  y = 0,
  z = 0,
  occupancy = '1.00',
  element = '',
  record = 'HETATM',
}: Row): string =>
  `${record.padEnd(6)}    1 ${name}${alternative}${residue.padStart(3)} A${number.padStart(4)}    ${[x, y, z].map((value) => value.toFixed(3).padStart(8)).join('')}${occupancy.padStart(6)}  0.00          ${element.padStart(2)}`;
const crystal = (a: number, group: string, z = 4): string =>
  `CRYST1${[a, a, a].map((value) => value.toFixed(3).padStart(9)).join('')}  90.00  90.00  90.00 ${group.padEnd(11)}${String(z).padStart(4)}`;

describe('elements', () => {
  test.each([
    [
      'left-justified names of residues',
      [
        ['CA  ', 'GLN'],
        ['CE  ', 'GLN'],
        ['HG1 ', 'GLN'],
        ['NE  ', 'GLN'],
      ],
      'C2HN',
    ],
    [
      'names in their columns',
      [
        [' CA ', 'GLY'],
        ['HG11', 'VAL'],
        ['SE  ', 'MSE'],
        [" O5'", 'DG'],
      ],
      'CHOSe',
    ],
    [
      'ions are residues of their own name',
      [
        ['CA  ', 'CA'],
        ['CL  ', 'CL'],
        ['ZN  ', 'ZN'],
        [' SOD', 'SOD'],
      ],
      'CaClNaZn',
    ],
    [
      'ligands in columns',
      [
        [' C1 ', 'LIG'],
        ['CL1 ', 'LIG'],
        [' H2 ', 'LIG'],
      ],
      'CHCl',
    ],
    [
      'water',
      [
        [' O  ', 'HOH'],
        [' H1 ', 'HOH'],
        ['2HW ', 'SOL'],
      ],
      'H2O',
    ],
  ] as const)('%s', (_, names, formula) => {
    const lines = names.map(([name, residue], index) => atom({ name, residue, x: 3 * index }));
    expect(formulas(lines)).toEqual([formula]);
  });

  test('are refused where they are open', () => {
    // N in column 13 shows that names are left-justified, so CL may be carbon.
    const left = [atom({ name: 'N1  ' }), atom({ name: 'CL1 ', x: 3 })];
    expect(failure(left)).toMatch(
      /line 2: the element of atom "CL1" in residue "LIG" is not known\. Write its symbol in columns 77-78/,
    );
    expect(formulas(left.map((line, index) => `${line.slice(0, 76)}${index === 0 ? ' N' : 'CL'}`))).toEqual(['ClN']);
    expect(failure([atom({ name: 'HG12' })])).toMatch(/"HG12"/);
    expect(failure([atom({ element: 'Xx' })])).toMatch(/unknown element "Xx" in columns 77-78/);
    expect(failure([atom({ name: ' M  ', residue: 'HOH' })])).toMatch(/"M"/);
  });
});

describe('names that two elements may begin', () => {
  const of = (...names: readonly string[]): string[] => names.map((name, index) => atom({ name, x: 3 * index }));

  test.each([
    ['HO1 ', ' O1 ', 'H or Ho'],
    ['HE2 ', ' C1 ', 'H or He'],
    ['HG  ', ' C1 ', 'H or Hg'],
    ['DY1 ', ' C1 ', 'D or Dy'],
  ])('a hydrogen or a metal is refused: %s', (name, other, readings) => {
    const lines = of(other, name);
    expect(failure(lines)).toMatch(new RegExp(`line 2: .* may be ${readings}\\. Write its symbol in columns 77-78`));
    const told = lines.map((line, index) => line.slice(0, 76) + (index === 0 ? ` ${other.charAt(1)}` : ' H'));
    expect(formulas(told)[0]).toContain('H');
  });

  test.each([
    ['CD1 ', 'Cd'],
    ['CO1 ', 'Co'],
    ['NA  ', 'Na'],
    ['PB  ', 'Pb'],
    [' CL1', 'C'],
    [' FE ', 'F'],
  ])('what the columns alone tell is said: %s', (name, symbol) => {
    const lines = of(' C2 ', name);
    expect(formulas(lines)).toEqual([symbol === 'C' ? 'C2' : `C${symbol}`]);
    expect(warnings(lines)).toBe(
      `columns 77-78 name no element; by the columns of their names "${name.trim()}" of LIG is ${symbol}`,
    );
  });

  test.each(['CL1 ', 'BR1 ', 'SE1 ', 'FE  ', 'ZN  ', 'Cd1 ', 'Hg  ', ' CA1', ' HO1', ' HG '])('%s is plain', (name) =>
    expect(warnings(of(' C2 ', name))).toBe(''),
  );
});

describe('alternative locations', () => {
  const pair = (a: string, b: string): string[] => [
    atom({ name: ' N  ', residue: 'GLY' }),
    atom({ alternative: 'A', residue: 'GLY', x: 1.5, occupancy: a }),
    atom({ alternative: 'B', residue: 'GLY', x: 1.6, occupancy: b }),
  ];
  test.each([
    ['0.60', '0.40', 1.5],
    ['0.40', '0.60', 1.6],
    ['0.50', '0.50', 1.5],
  ])('%s and %s: the higher occupancy, the first of equal ones', (a, b, x) => {
    const [structure] = read(pair(a, b)) as [Structure];
    expect([...structure.positions].filter((_, index) => index % 3 === 0)).toEqual([0, x]);
    expect(structure.arrays['occupancy']?.values).toHaveLength(2);
    expect(structure.warnings?.join()).toMatch(/alternative locations: .* \([AB] of GLY A 1\), 1 atom was left out/);
  });

  test('are of one choice in a residue, also where it is another residue', () => {
    const lines = [
      atom({ alternative: 'A', residue: 'SER', occupancy: '0.30' }),
      atom({ name: ' O  ', alternative: 'A', residue: 'SER', x: 1.2, occupancy: '0.30' }),
      atom({ alternative: 'B', residue: 'THR', occupancy: '0.70' }),
      atom({ name: ' N  ', alternative: 'B', residue: 'THR', x: 1.2, occupancy: '0.70' }),
    ];
    expect(formulas(lines)).toEqual(['CN']);
  });

  test('without letters, and occupancies alone', () => {
    const twice = [atom({ occupancy: '0.40' }), atom({ x: 0.4, occupancy: '0.60' })];
    expect(formulas(twice)).toEqual(['C']);
    expect(read(twice)[0]?.positions[0]).toBe(0.4);
    expect(warnings([atom({}), atom({ name: ' O  ', x: 3, occupancy: '0.50' })])).toMatch(
      /occupancies other than 1 .* "O" of LIG 1 \(0\.5\)/,
    );
    expect(warnings([atom({ occupancy: '0.00' })])).toBe('');
  });
});

describe('crystals', () => {
  const dry = [
    atom({ name: ' C1 ', residue: 'CO2' }),
    atom({ name: ' O1 ', residue: 'CO2', x: 0.668, y: 0.668, z: 0.668 }),
  ];
  test('are filled by the group of CRYST1, with a note', () => {
    const [structure] = read([crystal(5.624, 'P a -3'), ...dry]) as [Structure];
    expect(chemicalFormula(structure)).toBe('C4O8');
    expect(structure.arrays['residuenames']?.values).toHaveLength(12);
    expect(findNeighbors(structure, 1.3).edges).toBe(16);
    expect(structure.warnings?.join()).toMatch(/space group P a -3 was applied: 24 × 2 atoms/);
  });

  test('the group of REMARK 290 holds where the name is not known, and is compared where it is', () => {
    const remark = ['-1', '1'].flatMap((sign, index) =>
      [1, 2, 3].map(
        (row) =>
          `REMARK 290   SMTRY${row}   ${index + 1}  ${[1, 2, 3].map((column) => (column === row ? (sign === '1' ? ' 1.000000' : '-1.000000') : ' 0.000000')).join(' ')}        0.00000`,
      ),
    );
    const lines = [...remark, crystal(6, 'P -1 (odd)'), ...dry];
    expect(formulas(lines)).toEqual(['CO2']);
    expect(failure(lines.slice(3 + 3))).toMatch(/"P -1 \(odd\)" of CRYST1 is not known here/);
    expect(failure([...remark, crystal(6, 'P a -3'), ...dry])).toMatch(/REMARK 290 lists 2 other operations/);
    expect(failure([...remark.slice(1), crystal(6, 'P -1'), ...dry])).toMatch(/a row is missing/);
  });

  test('dummy cells, P 1 and groups that do not fit', () => {
    expect(read([crystal(1, 'P 1'), ...dry])[0]?.cell).toBeNull();
    expect(formulas([crystal(6, 'P 1'), ...dry])).toEqual(['CO']);
    expect(failure([crystal(6, 'P 63'), ...dry])).toMatch(/"P 63" of CRYST1 does not fit the cell/);
    expect(failure([crystal(6, 'F d -3 m'), ...dry])).toMatch(
      /leaves its origin or axes open: F d -3 m:1 or F d -3 m:2/,
    );
  });

  test('two cells of the same atoms are refused, one for each model is right', () => {
    const [a, b] = [crystal(6, 'P 1'), crystal(7, 'P 1')];
    expect(failure([a, b, ...dry])).toMatch(/line 2: CRYST1 differs from that of line 1/);
    expect(failure([a, ...dry, b])).toMatch(/line 4: CRYST1 differs from that of line 1/);
    expect(failure([a, ...dry, b, ...dry])).toMatch(/differs/);
    expect(formulas([a, a, ...dry])).toEqual(['CO']);
    const models = [a, 'MODEL        1', ...dry, 'ENDMDL', b, 'MODEL        2', ...dry, 'ENDMDL'];
    expect(read(models).map(({ cell }) => Math.round(cell?.[0] ?? 0))).toEqual([6, 7]);
    const inside = [a, 'MODEL        1', b, ...dry, 'ENDMDL'];
    expect(failure(inside)).toMatch(/line 3: CRYST1 differs from that of line 1/);
  });

  test('copies by MTRIX are made unless the file has them', () => {
    const copy = (given: string): string[] =>
      [1, 2, 3].map(
        (row) =>
          `MTRIX${row}   2 ${[1, 2, 3].map((column) => (column === row ? ' 1.000000' : ' 0.000000')).join(' ')}     ${row === 1 ? '   9.00000' : '   0.00000'}    ${given}`,
      );
    expect(formulas([...copy(' '), ...dry])).toEqual(['C2O2']);
    expect(read([...copy(' '), ...dry])[0]?.positions[6]).toBe(9);
    expect(formulas([...copy('1'), ...dry])).toEqual(['CO']);
  });
});

describe('damage', () => {
  const line = atom({ element: 'C' });
  test.each([
    ['a misspelt record', line.replace('HETATM', 'HETATN'), /this line may be an atom, but starts with "HETATN"/],
    ['a record in lower case', line.replace('HETATM', 'Atom  '), /starts with "Atom {2}"/],
    ['a shifted record', ` ${line}`, /starts with " HETAT"/],
    ['lost characters', line.slice(0, 30) + line.slice(46), /coordinates in columns 31-54 are/],
    ['one lost digit', line.replace('0.000', '0.00'), /coordinates in columns 31-54/],
    ['a residue number that is none', line.replace('A   1', 'A  x1'), /residue number in columns 23-26 is "x1"/],
    ['a huge coordinate', line.replace('   0.000', '   1e241'), /coordinates in columns 31-54/],
    ['no decimals', line.replace('   0.000', '       0'), /coordinates in columns 31-54/],
    ['two records in a line', line.slice(0, 66) + line, /two atom records/],
    [
      'an occupancy that is none',
      line.replace('  1.00', '  x.00'),
      /expected the occupancy in columns 55-60, got "x\.00"/,
    ],
    ['a model that is not closed', `MODEL        1\n${line}`, /MODEL of line 1 has no ENDMDL/],
    ['a model in a model', `MODEL        1\n${line}\nMODEL        2\n${line}\nENDMDL`, /MODEL of line 1 is still open/],
    ['an end in a model', `MODEL        1\n${line}\nEND`, /MODEL of line 1 has no ENDMDL/],
  ])('%s', (_, text, message) => expect(failure([text])).toMatch(message));

  test.each([
    ['cryst1    5.000    5.000    5.000  90.00  90.00  90.00 P 1', 'CRYST1'],
    [' CRYST1    5.000    5.000    5.000  90.00  90.00  90.00 P 1', 'CRYST1'],
    ['Scale1      0.200000  0.000000  0.000000        0.00000', 'SCALE1'],
    ['model        2', 'MODEL'],
    ['endmdl', 'ENDMDL'],
    ['end', 'END'],
  ])('a record that places atoms, in other letters or columns: %s', (text, name) =>
    expect(failure([line, text, line])).toMatch(
      new RegExp(`line 2: the record ${name} is written .*Write it in capitals from column 1`),
    ),
  );

  test('unknown records are named, dummies left out, other models said', () => {
    expect(warnings(['FOOBAR something', line])).toMatch(/records that are not known were ignored: "FOOBAR"/);
    expect(warnings([line, atom({ residue: 'DUM', x: 9 })])).toMatch(/^dummy atoms .*: 1$/m);
    const models = ['MODEL        1', line, 'ENDMDL', 'MODEL        2', line, atom({ x: 2 }), 'ENDMDL', 'END'];
    expect(read(models).map((structure) => structure.warnings?.join() ?? '')).toEqual([
      '',
      expect.stringMatching(/model 2 .* \(2, 1\)/),
    ]);
  });

  test('residue numbers beyond 9999', () => {
    const numbers = ['9999', 'A000', 'ZZZZ', 'a000', '****', ''].map((number) => atom({ number }));
    expect([...(read(numbers)[0]?.arrays['residuenumbers']?.values ?? [])]).toEqual([
      9999, 10000, 1223055, 1223056, 1, 1,
    ]);
  });
});

describe('mmCIF', () => {
  const columns = [
    'group_PDB',
    'type_symbol',
    'label_atom_id',
    'label_alt_id',
    'label_comp_id',
    'label_asym_id',
    'label_seq_id',
    'Cartn_x',
    'Cartn_y',
    'Cartn_z',
    'occupancy',
    'pdbx_PDB_model_num',
  ];
  const mmcif = (rows: readonly string[], head = ''): string =>
    `data_X\n${head}loop_\n${columns.map((name) => `_atom_site.${name}\n`).join('')}${rows.join('\n')}\n`;
  const cell = (a: number, group: string): string =>
    `${['a', 'b', 'c'].map((axis) => `_cell.length_${axis} ${a}\n`).join('')}${['alpha', 'beta', 'gamma'].map((angle) => `_cell.angle_${angle} 90\n`).join('')}_symmetry.space_group_name_H-M '${group}'\n`;
  const cif = (text: string): Structure[] => readStructures(text, { format: 'cif', name: 'a.cif' });
  const water = (model: number, shift: number): string[] => [
    `HETATM O O . HOH A . ${shift} 0.000 0.119 1.00 ${model}`,
    `HETATM H H1 . HOH A . ${shift} 0.763 -0.477 1.00 ${model}`,
    `HETATM H H2 . HOH A . ${shift} -0.763 -0.477 1.00 ${model}`,
  ];

  test('has one structure a model, and no crystal in a cell of 1 Å', () => {
    const structures = cif(mmcif([...water(1, 0), ...water(2, 0.1)], cell(1, 'P 1')));
    expect(structures.map((structure) => chemicalFormula(structure))).toEqual(['H2O', 'H2O']);
    expect(
      structures.map((structure) => [structure.cell, structure.pbc[0], structure.positions[0], structure.warnings]),
    ).toEqual([
      [null, false, 0, undefined],
      [null, false, 0.1, undefined],
    ]);
  });

  test('is a crystal with its group, chooses alternatives, and takes elements from names', () => {
    expect(chemicalFormula(cif(mmcif(water(1, 2), cell(9, 'P 21 21 21')))[0] as Structure)).toBe('H8O4');
    const rows = [
      'ATOM C CA A GLY A 1 0 0 0 0.4 1',
      'ATOM C CA B GLY A 1 0.5 0 0 0.6 1',
      'ATOM ? CB . ALA A 2 5 0 0 1 1',
    ];
    const [structure] = cif(mmcif(rows)) as [Structure];
    expect(chemicalFormula(structure)).toBe('C2');
    expect(structure.positions[0]).toBe(0.5);
    expect(structure.warnings?.join()).toMatch(/B of GLY A 1/);
    expect(failureOf(() => cif(mmcif(['HETATM ? CB . LIG A 2 5 0 0 1 1'])))).toMatch(
      /unknown element atom "CB" of residue "LIG"/,
    );
    expect(failureOf(() => cif(mmcif(['HETATM Hz CB . LIG A 2 5 0 0 1 1'])))).toMatch(/unknown element "Hz"/);
  });

  test('of a chemical component is its molecule', () => {
    const component = (ideal: string): string =>
      `data_CYN\n_chem_comp.formula 'C N'\nloop_\n_chem_comp_atom.atom_id\n_chem_comp_atom.type_symbol\n_chem_comp_atom.model_Cartn_x\n_chem_comp_atom.model_Cartn_y\n_chem_comp_atom.model_Cartn_z\n_chem_comp_atom.pdbx_model_Cartn_x_ideal\n_chem_comp_atom.pdbx_model_Cartn_y_ideal\n_chem_comp_atom.pdbx_model_Cartn_z_ideal\nC C 1 2 3 0 0 -0.6\nN N 1 2 4 ${ideal}\n`;
    const [structure] = cif(component('0 0 0.5')) as [Structure];
    expect([chemicalFormula(structure), structure.positions[5], structure.cell]).toEqual(['CN', 0.5, null]);
    expect(structure.warnings?.join()).toMatch(/the ideal coordinates/);
    expect(cif(component('? ? ?'))[0]?.positions[5]).toBe(4);
    expect(cif(component('0 0 0.5').replace("'C N'", "'C H N'"))[0]?.warnings?.join()).toMatch(
      /the formula is "C H N", the atoms are C1 N1/,
    );
  });
});
