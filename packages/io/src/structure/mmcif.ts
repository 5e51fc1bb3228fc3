/** mmCIF (PDBx): one structure for each model, in the order of the file. */
import type { InfoValue, Structure } from '@mace/core/structure';
import { cellOfCif } from './cif-cell.js';
import { typeElement } from './cif-elements.js';
import { isUnknown, type CifEntries } from './cif-entries.js';
import { differingPlaces, frameTolerance, otherFrame } from './cif-frame.js';
import { symmetryOf } from './cif-symmetry.js';
import { structureOfAtoms, withModelWarnings, type CrystalSymmetry, type NamedAtom } from './macromolecule.js';
import { isRest, isRigid, type Motion } from './noncrystal-copies.js';
import { elementOfName } from './residue-elements.js';
import { uniqueAxisB } from './space-groups.js';
import { emptyRecord, parseInteger, quoted } from './text.js';

/** What is read of an atom. */
const atomItems = (
  'cartn_x cartn_y cartn_z type_symbol auth_atom_id label_atom_id auth_comp_id label_comp_id auth_asym_id label_asym_id auth_seq_id ' +
  'label_seq_id label_alt_id pdbx_pdb_ins_code pdbx_pdb_model_num occupancy b_iso_or_equiv'
).split(' ');

/** True when the block lists atoms as PDBx does: Cartesian, with residues or models. */
export function isMmcif(entries: CifEntries): boolean {
  const has = (item: string): boolean => entries.block.values.has(`_atom_site.${item}`);
  return has('cartn_x') && ['label_atom_id', 'label_comp_id', 'auth_comp_id', 'pdbx_pdb_model_num'].some(has);
}

/** Reads all models. Throws FormatError with the line. */
export function structuresOfMmcif(entries: CifEntries): Structure[] {
  const { cell, warnings } = cellOfCif(entries, true);
  entries.requireOneLoop(...atomItems.map((item) => `atom_site.${item}`));
  const { symmetry, warnings: doubts } = cell === null ? noSymmetry : symmetryOfCrystal(entries, cell);
  const frame = cell === null ? undefined : otherFrame(entries, cell);
  // Without images the atoms themselves stand where the file says.
  if (cell !== null && symmetry !== undefined && symmetry.operations.length > 1) {
    const other = otherFrame(entries, cell, frameTolerance);
    if (other !== undefined) entries.fail(other.line, other.problem);
  }
  const places = cell === null ? [] : differingPlaces(entries, cell, 'Cartesian');
  const said = [
    ...warnings,
    ...doubts,
    ...places,
    ...(frame === undefined ? [] : [`line ${frame.line}: ${frame.problem}`]),
  ];
  const surroundings = { cell, symmetry, copies: copiesOf(entries), warnings: said };
  const models = new Map<string, NamedAtom[]>();
  (entries.column('atom_site.cartn_x') ?? []).forEach((place, row) => {
    const model = entries.at('atom_site.pdbx_pdb_model_num', row)?.text ?? '1';
    const atoms = models.get(model) ?? [];
    models.set(model, atoms);
    atoms.push(atomOf(entries, row, place.line));
  });
  const structures = [...models.values()].map((atoms) => {
    const info = emptyRecord<InfoValue>();
    if (entries.block.name !== '') info['name'] = entries.block.name;
    return structureOfAtoms(atoms, surroundings, info, entries.source);
  });
  return withModelWarnings(structures);
}

interface Found {
  readonly symmetry: CrystalSymmetry | undefined;
  readonly warnings: readonly string[];
}

const noSymmetry: Found = { symmetry: undefined, warnings: [] };

/** The space group, where it is one; its origin is always that of International Tables in the PDB. */
function symmetryOfCrystal(entries: CifEntries, cell: Float64Array): Found {
  const tags = [
    'symmetry.space_group_name_h-m',
    'symmetry.pdbx_full_space_group_name_h-m',
    'space_group.name_h-m_alt',
    'symmetry.int_tables_number',
    'space_group.it_number',
    'symmetry.space_group_name_hall',
    'space_group.name_hall',
  ];
  const lists = ['_space_group_symop', '_symmetry_equiv_pos_as_xyz'];
  const isNamed = entries.first(...tags) !== undefined || lists.some((list) => entries.tagsLike(list).length > 0);
  if (!isNamed) {
    const note = 'the file has a cell and names no space group: its atoms were taken for all of the cell (P 1)';
    return { symmetry: undefined, warnings: [note] };
  }
  const { candidates, doubt, line, warnings } = symmetryOf(entries, cell);
  const axis = candidates.length > 1 ? uniqueAxisB(candidates.map(({ name }) => name)) : 0;
  const only = candidates[axis ?? -1];
  if (only === undefined)
    entries.fail(line, `${doubt}. Write its setting after a colon (:1, :2, :H, :R), or list the operations.`);
  if (candidates.length > 1)
    return {
      symmetry: only,
      warnings: [...warnings, `${doubt}; ${only.name} was taken, its standard setting (unique axis b)`],
    };
  return { symmetry: only, warnings };
}

function copiesOf(entries: CifEntries): Motion[] {
  const codes = entries.column('struct_ncs_oper.code') ?? [];
  const entry = (item: string, row: number): number => {
    const value = entries.at(`struct_ncs_oper.${item}`, row);
    if (value === undefined)
      entries.fail(
        codes[row]?.line ?? entries.block.line,
        `_struct_ncs_oper.${item} is unknown. Add it, or remove the copy.`,
      );
    return entries.measured(value, `_struct_ncs_oper.${item}`);
  };
  const motions = codes.flatMap(({ text }, row): Motion[] =>
    text !== 'generate'
      ? []
      : [
          [1, 2, 3].map((i) => [
            entry(`matrix[${i}][1]`, row),
            entry(`matrix[${i}][2]`, row),
            entry(`matrix[${i}][3]`, row),
            entry(`vector[${i}]`, row),
          ]),
        ],
  );
  if (!motions.every(isRigid))
    entries.fail(
      codes[0]?.line ?? entries.block.line,
      'a matrix of _struct_ncs_oper is no rotation: its copy would be distorted. Correct or remove it.',
    );
  return motions.filter((motion) => !isRest(motion));
}

function atomOf(entries: CifEntries, row: number, line: number): NamedAtom {
  const text = (...items: string[]): string => {
    for (const item of items) {
      const value = entries.at(`atom_site.${item}`, row);
      if (value !== undefined) return value.text;
    }
    return '';
  };
  const real = (item: string, what: string): number | undefined => {
    const value = entries.at(`atom_site.${item}`, row);
    return value === undefined ? undefined : entries.measured(value, what);
  };
  const position = ['x', 'y', 'z'].map((axis) => {
    const value = entries.column(`atom_site.cartn_${axis}`)?.[row];
    if (value === undefined || isUnknown(value))
      entries.fail(value?.line ?? line, `the ${axis} coordinate of an atom is unknown. Add it, or remove the atom.`);
    const number = entries.measured(value, `the ${axis} coordinate of an atom`);
    if (Math.abs(number) > 1e6)
      entries.fail(value.line, `the ${axis} coordinate ${quoted(value.text)} is too large to be one. Correct it.`);
    return number;
  }) as [number, number, number];
  const name = text('auth_atom_id', 'label_atom_id');
  const residue = text('auth_comp_id', 'label_comp_id');
  const chain = text('auth_asym_id', 'label_asym_id');
  const sequence = text('auth_seq_id', 'label_seq_id');
  const type = entries.at('atom_site.type_symbol', row);
  const number = type === undefined ? elementOfName(name, residue) : typeElement(type.text);
  if (number === undefined) {
    const what = type === undefined ? `atom ${quoted(name)} of residue ${quoted(residue)}` : quoted(type.text);
    entries.fail(type?.line ?? line, `unknown element ${what}. Write its chemical symbol in _atom_site.type_symbol.`);
  }
  return {
    line,
    number,
    isOfName: type === undefined,
    position,
    name,
    residue,
    residueNumber: parseInteger(sequence) ?? 1,
    chain,
    place: [chain, sequence, text('pdbx_pdb_ins_code')].join('|'),
    alternative: text('label_alt_id'),
    occupancy: real('occupancy', 'an occupancy'),
    bFactor: real('b_iso_or_equiv', 'a B factor') ?? 0,
  };
}
