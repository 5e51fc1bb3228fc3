/** Malformed files of every format: a typed error that says what, where and what to do; nothing is allocated for a number in a file. */
import { describe, expect, it } from 'vitest';
import { isMaceError } from '@mace/core';
import { formatByName, readStructures, structureFormats, writeStructures } from '../../src/structure/formats.js';
import { expectRefusal, failure, structureWith } from './support.js';

const water = 'Properties=species:S:1:pos:R:3';
const poscar = (over: Record<number, string> = {}): string =>
  ['Si', '1.0', '5 0 0', '0 5 0', '0 0 5', 'Si O', '1 1', 'Direct', '0 0 0', '0.5 0.5 0.5']
    .map((line, index) => over[index] ?? line)
    .join('\n');
const cif = (atoms: string, head = ''): string =>
  `data_x\n_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 5\n${head}loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n${atoms}\n`;
const atom = (x = '   0.000', element = ' H'): string =>
  `ATOM      1  H   HOH A   1    ${x}   0.000   0.000  1.00  0.00          ${element}`;
const cases: [format: string, what: string, text: string, message: RegExp][] = [
  [
    'extxyz',
    'too few columns',
    `2\n${water}\nH 0 0 0\nO 0 0\n`,
    /^a\.file line 4: expected 4 columns \(species, pos:R:3\), got 3\. Correct/,
  ],
  ['extxyz', 'too many columns', `1\n${water}\nH 0 0 0 1\n`, /line 3: expected 4 columns .* got 5/],
  [
    'extxyz',
    'a cut file',
    `3\n${water}\nH 0 0 0\n`,
    /line 3: the file ends after 1 of the 3 atoms announced in line 1/,
  ],
  ['extxyz', 'a cut header', '3\n', /line 1: the file ends after the number of atoms/],
  ['extxyz', 'a huge number of atoms', `999999999999999\n${water}\nH 0 0 0\n`, /after 1 of the 999999999999999 atoms/],
  [
    'extxyz',
    'a negative number of atoms',
    `-3\n${water}\n`,
    /line 1: expected the number of atoms of a frame, got "-3"/,
  ],
  [
    'extxyz',
    'a wrong number of atoms',
    `1\n${water}\nH 0 0 0\nO 0 0 0\n`,
    /line 4: expected the number of atoms of a frame, got "O 0 0 0"/,
  ],
  ['extxyz', 'NaN positions', `1\n${water}\nH 0 nan 0\n`, /line 3: a position is not a finite number/],
  ['extxyz', 'a word for a number', `1\n${water}\nH 0 zero 0\n`, /line 3: expected a number for pos\[1\], got "zero"/],
  ['extxyz', 'a hexadecimal number', `1\n${water}\nH 0 0x10 0\n`, /got "0x10"/],
  ['extxyz', 'a real in an integer column', `1\n${water}:a:I:1\nH 0 0 0 1.5\n`, /whole number for a, got "1\.5"/],
  ['extxyz', 'a bad logical', `1\n${water}:a:L:1\nH 0 0 0 maybe\n`, /T or F for a, got "maybe"/],
  ['extxyz', 'an unknown element', `1\n${water}\nQq 0 0 0\n`, /line 3: unknown element "Qq"/],
  ['extxyz', 'an open quote', `1\n${water} name="abc\nH 0 0 0\n`, /line 2: the quote " at column \d+ is never closed/],
  [
    'extxyz',
    'bad JSON',
    `1\n${water} d="_JSON [1, "\nH 0 0 0\n`,
    /line 2, key "d" line 1, column \d+: the JSON ends too early/,
  ],
  [
    'extxyz',
    'a Lattice of eight',
    `1\n${water} Lattice="1 0 0 0 1 0 0 0"\nH 0 0 0\n`,
    /Lattice is not nine finite numbers/,
  ],
  [
    'extxyz',
    'a Lattice with NaN',
    `1\n${water} Lattice="1 0 0 0 nan 0 0 0 1"\nH 0 0 0\n`,
    /Lattice is not nine finite numbers/,
  ],
  ['extxyz', 'a bad pbc', `1\n${water} pbc="T F"\nH 0 0 0\n`, /pbc is not three/],
  ['extxyz', 'huge Properties', `1\nProperties=species:S:1:pos:R:3:a:R:999999999\nH 0 0 0\n`, /more than 100000/],
  ['extxyz', 'negative columns', `1\nProperties=species:S:1:pos:R:-3\nH 0 0 0\n`, /has "-3" columns/],
  ['extxyz', 'odd Properties', `1\nProperties=species:S:1:pos:R\nH 0 0 0\n`, /not a list of name:type:columns/],
  ['extxyz', 'an unknown type', `1\nProperties=species:S:1:pos:R:3:q:X:1\nH 0 0 0 1\n`, /type "X"/],
  ['extxyz', 'no positions', `1\nProperties=species:S:1\nH\n`, /no pos:R:3/],
  ['extxyz', 'no elements', `1\nProperties=pos:R:3\n0 0 0\n`, /neither species:S:1 nor Z:I:1/],
  [
    'extxyz',
    'species and Z that are two elements',
    `1\nProperties=species:S:1:Z:I:1:pos:R:3\nH 8 0 0 0\n`,
    /line 3: species "H" and atomic number Z 8 \(O\) are two elements/,
  ],
  [
    'extxyz',
    'Lattice twice',
    `1\n${water} Lattice="${'1 0 0 0 1 0 0 0 1'}" lattice="${'2 0 0 0 2 0 0 0 2'}"\nH 0 0 0\n`,
    /line 2: Lattice is given twice/,
  ],
  [
    'extxyz',
    'Lattice twice, spelled alike',
    `1\n${water} Lattice="${'1 0 0 0 1 0 0 0 1'}" Lattice="${'2 0 0 0 2 0 0 0 2'}"\nH 0 0 0\n`,
    /line 2: Lattice is given twice/,
  ],
  ['extxyz', 'pbc without a value', `1\n${water} pbc= note=1\nH 0 0 0\n`, /pbc is not three/],
  [
    'extxyz',
    'a name of a protein atom',
    '1\n\nCD1 0 0 0\n',
    /line 3: "CD1" may be element "C" or "CD"\. Write a chemical symbol/,
  ],
  ['extxyz', 'a label without an element', `1\n${water}\nOw 0 0 0\n`, /line 3: unknown element "Ow"/],
  ['extxyz', 'columns that come and go', '2\n\nH 0 0 0\nO 0 0 0 1\n', /line 4: expected 4 columns as in line 3/],
  [
    'extxyz',
    'a number in two pieces',
    '1\n\nH 0. 5 0 0\n',
    /line 3: expected 5 columns as in line 3, each of them whole/,
  ],
  ['extxyz', 'a number in two pieces, cut before the point', '1\n\nH 0 1 .5 0\n', /each of them whole/],
  ['extxyz', 'counted atoms', '3\n\n1 8 0 0 0\n2 1 0 0 1\n3 1 0 1 0\n', /the first column counts the atoms/],
  ['extxyz', 'VEC2 before VEC1', '1\n\nH 0 0 0\nVEC2 0 5 0\n', /line 4: expected VEC1, got VEC2/],
  [
    'extxyz',
    'four vectors',
    `1\n\nH 0 0 0\n${'VEC1 5 0 0\nVEC2 0 5 0\nVEC3 0 0 5\nVEC4 1 1 1\n'}`,
    /line 7: expected no more lattice vectors/,
  ],
  [
    'extxyz',
    'VEC1 beside Lattice',
    `1\n${water} Lattice="1 0 0 0 1 0 0 0 1"\nH 0 0 0\nVEC1 5 0 0\n`,
    /line 4: VEC1 stands beside Lattice/,
  ],
  ['extxyz', 'an atom after VEC1', '3\n\nH 0 0 0\nVEC1 5 0 0\nH 0 0 1\n', /line 5: an atom follows/],
  ['extxyz', 'millions of keys', `1\n${water} ${'a=1 '.repeat(1_000_000)}\nH 0 0 0\n`, /line 2: more than 100000 keys/],
  ['extxyz', 'an empty file', '\n\n', /there is no structure in it/],
  ['extxyz', 'an atomic number of 300', `1\nProperties=Z:I:1:pos:R:3\n300 0 0 0\n`, /line 3: atomic number 300/],
  ['cif', 'no block', 'hello world\n', /line 1: expected data_NAME/],
  ['cif', 'no atoms', 'data_x\n_cell_length_a 5\n', /no data block has atom coordinates/],
  ['cif', 'a short loop', cif('H1 0 0 0'), /line 5: the loop of 5 tags from "_atom_site_label" has 4 values/],
  [
    'cif',
    'a partial occupancy',
    cif('Fe1 0 0 0 0.5'),
    /line 11: site "Fe1" has occupancy 0\.5\. A calculation needs whole atoms/,
  ],
  [
    'cif',
    'an unknown space group without operations',
    cif('H1 0 0 0 1', "_symmetry_space_group_name_H-M 'F m -4 m'\n"),
    /line 5: the file names space group "F m -4 m", which is not known here, and lists no symmetry operations\. Write it/,
  ],
  [
    'cif',
    'a bad operation',
    cif('H1 0 0 0 1', "_symmetry_equiv_pos_as_xyz 'x,y,q'\n"),
    /"x,y,q" is not a symmetry operation/,
  ],
  ['cif', 'an unknown coordinate', cif('H1 ? 0 0 1'), /x coordinate of an atom is unknown/],
  [
    'cif',
    'a word for a coordinate',
    cif('H1 abc 0 0 1'),
    /expected a finite number for the x coordinate of an atom, got "abc"/,
  ],
  [
    'cif',
    'an impossible cell',
    cif('H1 0 0 0 1', '_cell_angle_alpha 10\n_cell_angle_beta 100\n_cell_angle_gamma 170\n'),
    /no cell has lengths and angles/,
  ],
  ['cif', 'a negative length', cif('H1 0 0 0 1').replace('_cell_length_a 5', '_cell_length_a -5'), /no cell has/],
  ['cif', 'an open quote', cif("'H1 0 0 0 1"), /line 11: a quote is never closed/],
  ['cif', 'an open text field', 'data_x\n_a\n;text\n', /line 3: this text field is never closed/],
  ['cif', 'a tag without value', 'data_x\n_cell_length_a\n_cell_length_b 5\n', /line 2: "_cell_length_a" has no value/],
  ['cif', 'a tag given twice', cif('H1 0 0 0 1', '_cell_length_a 5\n'), /line 5: "_cell_length_a" is given twice/],
  ['cif', 'two elements at one place', cif('H1 0 0 0 1\nO1 0 0 0 1'), /two elements share one place/],
  ['cif', 'an unknown element', cif('Qq1 0 0 0 1'), /unknown element "Qq1"/],
  ['poscar', 'a cut file', poscar().split('\n').slice(0, 9).join('\n'), /the positions end after 1 of 2 atoms/],
  ['poscar', 'a cut header', 'Si\n1.0\n5 0 0\n', /line 3: the file ends inside the header/],
  ['poscar', 'negative numbers', poscar({ 6: '-1 1' }), /line 7: expected numbers of atoms, got "-1"/],
  ['poscar', 'huge numbers', poscar({ 6: '999999999999 1' }), /the positions end after 2 of 1000000000000 atoms/],
  ['poscar', 'a flat cell', poscar({ 4: '0 5 0' }), /lie in one plane/],
  ['poscar', 'NaN', poscar({ 8: 'nan 0 0' }), /line 9: expected a finite number for the x coordinate/],
  [
    'poscar',
    'no elements',
    poscar({ 0: 'my file', 5: '1 1', 6: 'Direct', 7: '0 0 0', 8: '.5 .5 .5' }),
    /is not a list of 2 chemical symbols\. Add the line/,
  ],
  ['poscar', 'one element too few', poscar({ 5: 'Si' }), /line 6: 1 elements stand above 2 numbers/],
  ['poscar', 'an unknown element', poscar({ 5: 'Si Qq' }), /line 6: unknown element "Qq"/],
  ['poscar', 'no mode', poscar({ 7: '0 0 0' }), /line 8: expected Direct or Cartesian/],
  ['poscar', 'scale zero', poscar({ 1: '0.0' }), /scale is zero/],
  ['poscar', 'two scales', poscar({ 1: '1 2' }), /one or three scale factors/],
  [
    'poscar',
    'bad selective dynamics',
    poscar({ 7: 'Selective\nDirect', 8: '0 0 0 T T X' }),
    /selective dynamics expects three of T and F .* got "X"/,
  ],
  ['xdatcar', 'a cut frame', poscar({ 7: 'Direct configuration= 1', 9: '' }), /positions end after 1 of 2/],
  ['xdatcar', 'no frame', poscar().split('\n').slice(0, 7).join('\n'), /the XDATCAR has no frame/],
  ['pdb', 'no atoms', 'HEADER\nEND\n', /there is no ATOM or HETATM/],
  ['pdb', 'a cut line', atom().slice(0, 40), /line 1: this atom record has 40 characters/],
  ['pdb', 'a bad coordinate', atom('   x.000'), /columns 31-38, got "x\.000"/],
  ['pdb', 'NaN', atom('     nan'), /got "nan"/],
  [
    'pdb',
    'no element',
    `ATOM      1  ??  HOH A   1       0.000   0.000   0.000  1.00  0.00`,
    /the element of atom "\?\?" in residue "HOH" is not known/,
  ],
  ['pdb', 'a bad CRYST1', `CRYST1   10.000   10.000   10.000  90.00  90.00   0.00\n${atom()}`, /line 1: no cell has/],
];

describe('malformed files', () => {
  it.each(cases)('%s: %s', (format, _, text, message) => {
    expectRefusal(text, format, message);
  });

  const garbage = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919 + 13) % 256);
  it.each(structureFormats.map(({ name }) => name))('%s: binary garbage, nothing, a very long line', (format) => {
    expect(failure(() => readStructures(garbage, { format })).message).toMatch(/not UTF-8 text|this is no ULM file/);
    const long = 'x'.repeat(3_000_000);
    expect(isMaceError(failure(() => readStructures(long, { format })))).toBe(true);
    expect(failure(() => readStructures(`1\n${long}`, { format })).message.length).toBeLessThan(400);
    expect(isMaceError(failure(() => readStructures('', { format })))).toBe(true);
  });

  it('unknown formats are named', () => {
    expect(failure(() => readStructures('hello')).message).toMatch(/format is not recognised.*extxyz, cif/);
    expect(failure(() => readStructures('', { format: 'nope' })).message).toMatch(
      /no structure format "nope"\. Use one of extxyz/,
    );
    expect(failure(() => readStructures('{"a": 1, "a": 2}', { name: 'b/rows.json' })).message).toMatch(
      /^rows\.json line 1, column 13: the key "a" stands twice/,
    );
    for (const [other, name] of [
      ['xyz', 'extxyz'],
      ['vasp', 'poscar'],
      ['mmcif', 'cif'],
    ])
      expect(formatByName({ format: other })?.name).toBe(name);
    expect(failure(() => writeStructures([], { name: 'a.unknown' })).message).toMatch(/ending does not tell a format/);
    expect(failure(() => writeStructures([], { format: 'xdatcar' })).message).toMatch(/only read/);
  });

  it.each(['cif', 'poscar'])('%s: no cell to write', (format) => {
    expect(failure(() => writeStructures([structureWith()], { format })).message).toMatch(/has no cell/);
  });

  it('a key __proto__ changes no prototype', () => {
    const proto =
      '{"numbers": [1], "positions": [[0, 0, 0]], "info": {"__proto__": {"polluted": 1}, "a": 1}, "__proto__": [5]}';
    const [structure] = readStructures(proto, { format: 'ase-json' });
    expect(Object.keys(structure?.info ?? {})).toContain('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(structure?.arrays)).toBeNull();
  });
});
