/** Alternative locations in PDB and mmCIF: every atom of a residue once, whatever letters its atoms have. */
import { describe, expect, test } from 'vitest';
import { readStructures } from '../../src/structure/formats.js';

/** `CA A .6 ALA`: name, letter (`_` for none), occupancy, and the residue where it is not GLY. */
const rows = (text: string): string[][] => text.split(', ').map((row) => row.split(' '));
const pdb = (text: string, step: number): string =>
  rows(text)
    .map(
      ([name = '', letter = '', occupancy = '', residue = 'GLY'], index) =>
        `ATOM  ${String(index + 1).padStart(5)}  ${name.padEnd(3)}${letter.replace('_', ' ')}${residue} A   1    ${[index * step, 0, 0].map((x) => x.toFixed(3).padStart(8)).join('')}${Number(occupancy).toFixed(2).padStart(6)}  0.00           ${name.charAt(0)}\n`,
    )
    .join('');
const items =
  'type_symbol label_atom_id label_alt_id label_comp_id label_asym_id label_seq_id Cartn_x Cartn_y Cartn_z occupancy';
const mmcif = (text: string, step: number): string =>
  `data_x\nloop_\n${items
    .split(' ')
    .map((item) => `_atom_site.${item}\n`)
    .join('')}${rows(text)
    .map(
      ([name = '', letter = '', occupancy = '', residue = 'GLY'], index) =>
        `${name.charAt(0)} ${name} ${letter.replace('_', '.')} ${residue} A 1 ${index * step} 0 0 ${occupancy}\n`,
    )
    .join('')}`;

/** Which rows were kept, by the x that each has, and the warnings. Rows are 0.1 Å apart, or `step`. */
const kept = (text: string, format: string, step = 0.1): [string, string] => {
  const source = format === 'pdb' ? pdb(text, step) : mmcif(text, step);
  const [structure] = readStructures(source, { format, name: `a.${format}` });
  const names = rows(text);
  const atoms = Array.from(structure!.numbers, (_, atom) => Math.round((structure!.positions[3 * atom] ?? -1) / step));
  return [atoms.map((row) => names[row]?.slice(0, 2).join('')).join(' '), (structure!.warnings ?? []).join('\n')];
};

describe.each(['pdb', 'mmcif'])('%s', (format) => {
  test.each([
    ['the highest occupancy is kept', 'N _ 1, CA A .4, CA B .6', 'N_ CAB'],
    ['the first of equal ones', 'N _ 1, CA A .5, CA B .5', 'N_ CAA'],
    ['an unmarked atom beside a marked one of its name', 'N _ 1, CA _ .6, CA B .4', 'N_ CA_'],
    ['also where the marked one is more', 'N _ 1, CA _ .3, CA B .7', 'N_ CAB'],
    ['with the other atoms of its letter', 'CA _ .6, CA B .4, CB A .6, CB B .4', 'CA_ CBA'],
    ['atoms of other letters that are whole together', 'CA A .6, CA B .4, OG C .7, OG D .3', 'CAA OGC'],
    ['a chain of two under a side group of three', 'N A .6, N B .4, CB A .2, CB B .2, CB C .6', 'NA CBC'],
    ['a whole atom of another letter', 'N A 1, CB B .6, CB C .4', 'NA CBB'],
    ['no atom of the residue that was not kept', 'CB A .6 SER, OG A .6 SER, CB B .4 ALA', 'CBA OGA'],
    ['no atom of the other conformation', 'CB A .6, CB B .4, HB B .4', 'CBA'],
  ])('%s', (_, text, expected) => {
    const [names, warnings] = kept(text, format);
    expect(names).toBe(expected);
    expect(warnings).toMatch(/^alternative locations: .* left out$/);
  });

  test('a long side group may swing far', () =>
    expect(kept('CA _ 1, NH1 _ .4, CB _ 1, CG _ 1, NH1 _ .6', format, 3)[0]).toBe('CA_ CB_ CG_ NH1_'));

  test('waters under one number stay, where they are apart', () => {
    expect(kept('O _ 1 HOH, O A .6 HOH, O B .4 HOH, O _ .5 HOH, O _ .5 HOH', format, 3)[0]).toBe('O_ OA O_ O_');
    expect(kept('O _ .5 HOH, O _ .5 HOH', format, 3)[0]).toBe('O_ O_');
  });

  test('a partly occupied atom without its alternative is said', () => {
    expect(kept('N _ 1, CA B .4', format)).toEqual([
      'N_ CAB',
      'occupancies other than 1 were taken as 1: atoms 1, the first "CA" of GLY 1 (0.4)',
    ]);
  });
});
