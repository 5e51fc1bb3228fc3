/** Malformed and contradictory JSON of ASE and pymatgen: a typed error that says what, where and what to do. */
import { describe, expect, it } from 'vitest';
import { readStructures } from '../../src/structure/formats.js';
import { expectRefusal, fileText } from './support.js';

const site = '{"species": [{"element": "H", "occu": 1}], "xyz": [0, 0, 0]}';

const matrix = '[[5, 0, 0], [0, 5, 0], [0, 0, 5]]';

const cases: [format: string, what: string, text: string, message: RegExp][] = [
  ['ase-json', 'cut JSON', fileText('ase-rows.json').slice(0, 500), /line \d+, column \d+:/],
  ['ase-json', 'no atoms', '{"a": 1}', /expected an ASE Atoms object/],
  [
    'ase-json',
    'wrong sizes',
    '{"numbers": [1, 1], "positions": [[0, 0, 0]]}',
    /positions: expected numbers of shape \[2, 3\], got numbers of shape \[1, 3\]/,
  ],
  [
    'ase-json',
    'a lying shape',
    '{"numbers": {"__ndarray__": [[99999999999], "int64", [1]]}, "positions": []}',
    /__ndarray__ is not/,
  ],
  ['ase-json', 'NaN', '{"numbers": [1], "positions": [[0, NaN, 0]]}', /expected finite numbers, got NaN/],
  ['ase-json', 'negative numbers', '{"numbers": [-1], "positions": [[0, 0, 0]]}', /-1 is no atomic number/],
  [
    'ase-json',
    'a missing row',
    '{"ids": [1, 2], "nextid": 3, "1": {"numbers": [1], "positions": [[0, 0, 0]]}}',
    /row 2: expected an Atoms object/,
  ],
  [
    'ase-json',
    'columns for rows',
    '{"numbers": [8, 1], "positions": [[0, 0], [0, 0], [0, 1]]}',
    /shape \[2, 3\], got numbers of shape \[3, 2\]/,
  ],
  [
    'ase-json',
    'flat positions',
    '{"numbers": [1], "positions": [0, 0, 0]}',
    /shape \[1, 3\], got numbers of shape \[3\]/,
  ],
  [
    'ase-json',
    'a flat cell',
    '{"numbers": [1], "positions": [[0, 0, 0]], "cell": [5, 5, 5], "pbc": [true, true, true]}',
    /cell: expected numbers of shape \[3, 3\]/,
  ],
  [
    'pymatgen-json',
    'a structure inside of an entry',
    `{"energy": -1, "structure": {"sites": [${site}]}}`,
    /expected a Structure or Molecule with "sites"; one stands under the key "structure"/,
  ],
  [
    'ase-json',
    'tags of other atoms',
    '{"numbers": [8, 1, 1], "positions": [[0, 0, 0], [0, 0, 1], [0, 1, 0]], "tags": [1, 2]}',
    /tags: expected a row for each of the 3 atoms, got 2/,
  ],
  [
    'ase-json',
    'a cell without pbc',
    '{"numbers": [1], "positions": [[0, 0, 0]], "cell": [[5, 0, 0], [0, 5, 0], [0, 0, 5]]}',
    /pbc: expected three of true and false/,
  ],
  [
    'ase-json',
    'a shape of a billion empty lists',
    '{"numbers": [1], "positions": {"__ndarray__": [[1000000000, 1000000000, 0], "float64", []]}}',
    /__ndarray__ is not/,
  ],
  [
    'ase-json',
    'a fraction for a size',
    '{"numbers": {"__ndarray__": [[1.5], "int64", [1]]}, "positions": [[0, 0, 0]]}',
    /__ndarray__ is not/,
  ],
  [
    'ase-json',
    'a negative size',
    '{"numbers": {"__ndarray__": [[-1, -1], "int64", [1]]}, "positions": [[0, 0, 0]]}',
    /__ndarray__ is not/,
  ],
  [
    'ase-json',
    'a text for a size',
    '{"numbers": {"__ndarray__": [["1"], "int64", [1]]}, "positions": [[0, 0, 0]]}',
    /__ndarray__ is not/,
  ],
  [
    'ase-json',
    'reals in an array of integers',
    '{"numbers": {"__ndarray__": [[1], "int64", [1.5]]}, "positions": [[0, 0, 0]]}',
    /of "int64" holds other values/,
  ],
  [
    'ase-json',
    'an id twice',
    '{"ids": [1, 1], "nextid": 2, "1": {"numbers": [1], "positions": [[0, 0, 0]]}}',
    /id 1 stands twice/,
  ],
  [
    'ase-json',
    'a row without id',
    '{"ids": [], "nextid": 2, "1": {"numbers": [1], "positions": [[0, 0, 0]]}}',
    /row 1 is not in ids/,
  ],
  ['ase-json', 'no rows', '{"ids": [], "nextid": 1}', /there is no structure in it/],
  ['ase-json', 'an empty list', '[]', /there is no structure in it/],
  [
    'ase-json',
    'a key twice',
    '{"numbers": [1], "numbers": [2], "positions": [[0, 0, 0]]}',
    /line 1, column \d+: the key "numbers" stands twice/,
  ],
  ['ase-json', 'a wrong natoms', '{"numbers": [1], "natoms": 2, "positions": [[0, 0, 0]]}', /natoms is 2/],
  ['ase-json', 'deep nesting', '['.repeat(100000), /nested brackets/],
  ['pymatgen-json', 'no sites', '{"@class": "Structure"}', /expected a Structure or Molecule with "sites"/],
  [
    'pymatgen-json',
    'two species',
    `{"sites": [${site.replace('[{', '[{"element": "O", "occu": 0.5}, {')}]}`,
    /site 1: 2 species share this site/,
  ],
  [
    'pymatgen-json',
    'partial occupancy',
    `{"sites": [${site.replace('"occu": 1', '"occu": 0.5')}]}`,
    /site 1: the occupancy is 0\.5/,
  ],
  ['pymatgen-json', 'fractional without lattice', `{"sites": [${site.replace('xyz', 'abc')}]}`, /without a lattice/],
  ['pymatgen-json', 'an unknown element', `{"sites": [${site.replace('"H"', '"Qq"')}]}`, /unknown element "Qq"/],
  ['pymatgen-json', 'an empty list', '[]', /there is no structure in it/],
  ['pymatgen-json', 'no sites in the list', '{"sites": []}', /there are no sites/],
  [
    'pymatgen-json',
    'an occupancy as text',
    `{"sites": [${site.replace('1}', '"0.5"}')}]}`,
    /the occupancy is no number/,
  ],
  [
    'pymatgen-json',
    'xyz as a column',
    `{"sites": [${site.replace('[0, 0, 0]', '[[0], [0], [0]]')}]}`,
    /xyz: expected numbers of shape \[3\]/,
  ],
  [
    'pymatgen-json',
    'a structure without a lattice',
    `{"@class": "Structure", "sites": [${site}]}`,
    /the lattice of the Structure is missing/,
  ],
  [
    'pymatgen-json',
    'a lattice of null',
    `{"lattice": null, "sites": [${site}]}`,
    /the lattice of the structure is no object/,
  ],
  ['pymatgen-json', 'a lattice as a list', `{"lattice": ${matrix}, "sites": [${site}]}`, /is no object/],
  [
    'pymatgen-json',
    'a molecule with a lattice',
    `{"@class": "Molecule", "lattice": {"matrix": ${matrix}}, "sites": [${site}]}`,
    /a Molecule with a lattice/,
  ],
  [
    'pymatgen-json',
    'a length against the matrix',
    `{"lattice": {"matrix": ${matrix}, "a": 6}, "sites": [${site}]}`,
    /the lattice says a = 6, and its matrix has 5/,
  ],
  [
    'pymatgen-json',
    'an angle against the matrix',
    `{"lattice": {"matrix": ${matrix}, "gamma": 120.0}, "sites": [${site}]}`,
    /gamma = 120, and its matrix has 90/,
  ],
  [
    'pymatgen-json',
    'abc against xyz',
    `{"lattice": {"matrix": ${matrix}}, "sites": [${site.replace('"xyz"', '"abc": [0.1, 0, 0], "xyz"')}]}`,
    /abc and xyz are 0\.500 Å apart/,
  ],
  ['pymatgen-json', 'text after the end', `{"sites": [${site}]} x`, /text follows/],
];

describe('malformed JSON', () => {
  it.each(cases)('%s: %s', (format, _, text, message) => expectRefusal(text, format, message));
});

describe('JSON that is read', () => {
  it('pymatgen JSON: places that differ by a lattice vector, few digits, labels, lengths and angles alone', () => {
    const read = (site: string, lattice = `{"matrix": ${matrix}}`) =>
      readStructures(`{"lattice": ${lattice}, "sites": [${site}]}`, { format: 'pymatgen-json' })[0];
    const both = (abc: string, xyz: string, more = '') =>
      `{"species": [{"element": "H", "occu": 1}], "abc": ${abc}, "xyz": ${xyz}${more}}`;
    expect(read(both('[0.9, 0, 0]', '[-0.5, 0, 0]'))?.warnings).toBeUndefined();
    expect(read(both('[0.333, 0, 0]', '[1.6667, 0, 0]'))?.warnings?.[0]).toMatch(
      /site 1: abc and xyz are 0\.0017 Å apart/,
    );
    expect(read(both('[0, 0, 0]', '[0, 0, 0]', ', "label": "O1"'))?.warnings?.[0]).toMatch(/the label is "O1"/);
    const lengths = '{"a": 5, "b": 6, "c": 7, "alpha": 90, "beta": 90, "gamma": 90}';
    expect(read(both('[0, 0, 0.5]', '[0, 0, 3.5]'), lengths)?.cell?.[8]).toBeCloseTo(7, 12);
  });

  it('JSON with a text of nine million characters', () => {
    const text = `{"numbers": [1], "positions": [[0, 0, 0]], "note": "${'x'.repeat(9_000_000)}"}`;
    expect(String(readStructures(text, { format: 'ase-json' })[0]?.info['note']).length).toBe(9_000_000);
  });
});
