/**
 * Which symmetry operations a CIF block can mean: those that it lists, or those of the space group that it names.
 *
 * A name leaves origin and axes open now and then, and a list may contradict the name. Then there are several candidates, and what the
 * file says of cell, formula and multiplicities decides between them (`cif-structure.ts`).
 */
import type { CifEntries } from './cif-entries.js';
import { isUnknown } from './cif-entries.js';
import type { CifValue } from './cif-syntax.js';
import { operationsOfHall } from './hall-symbol.js';
import { settingsNamed, settingsOfNumber, standardSettings, type SpaceGroupSetting } from './space-groups.js';
import {
  areSameOperations,
  distinctOperations,
  isClosed,
  keepsCell,
  kindsOfOperations,
  productOf,
  strainWarning,
} from './symmetry-group.js';
import { identity, isIdentity, parseOperation, type Operation } from './symmetry-operations.js';
import { quoted } from './text.js';

/** One reading of the symmetry of a block. */
export interface SymmetryCandidate {
  /** `the listed operations`, `P 1 21/c 1`. */
  readonly name: string;
  readonly operations: readonly Operation[];
}

export interface CifSymmetry {
  readonly candidates: readonly SymmetryCandidate[];
  /** Why there are several candidates. */
  readonly doubt: string;
  readonly line: number;
  readonly warnings: readonly string[];
}

const remedy =
  'Write it with its operations (_space_group_symop_operation_xyz) or as P 1: ASE, pymatgen, VESTA and gemmi do either.';

/** A space group has 192 in a cell; magnetic cells hold several of those. */
const maximumOperations = 1000;

/** All readings that the cell allows. Throws FormatError when there is none. */
export function symmetryOf(entries: CifEntries, cell: Float64Array | null): CifSymmetry {
  refuseModulation(entries);
  const listed = listedOperations(entries);
  const named = namedGroup(entries, listed !== undefined);
  const found = listed === undefined ? named : comparison(listed, named);
  const fitting =
    cell === null
      ? found.candidates
      : found.candidates.filter(({ operations }) => operations.every((operation) => keepsCell(operation, cell)));
  if (fitting.length === 0) {
    entries.fail(
      found.line,
      `the cell does not have the symmetry of ${found.candidates.map(({ name }) => quoted(name)).join(' or ')}. Correct lengths and angles, or the space group.`,
    );
  }
  const strains = cell === null ? [] : fitting.map(({ operations }) => strainWarning(operations, cell));
  const strain = strains.every((warning) => warning !== undefined) ? strains.slice(0, 1) : [];
  return { ...found, candidates: fitting, warnings: [...found.warnings, ...(strain as string[])] };
}

/** Superspace is another geometry: atoms of the average structure would be computed in silence. */
function refuseModulation(entries: CifEntries): void {
  const dimension = entries.first('cell.modulation_dimension', 'cell_modulation_dimension');
  const tags = [
    '_space_group_ssg',
    '_space_group_symop_ssg',
    '_atom_site_fourier',
    '_atom_site_displace_',
    '_atom_site_occ_',
  ];
  const tag = tags.flatMap((start) => entries.tagsLike(start))[0];
  const isModulated = dimension !== undefined && dimension.text !== '0';
  if (!isModulated && tag === undefined) return;
  entries.fail(
    dimension?.line ?? entries.block.values.get(tag ?? '')?.[0]?.line ?? entries.block.line,
    `this is a modulated structure (${tag ?? '_cell_modulation_dimension'}), which no cell holds. Give a commensurate approximant.`,
  );
}

/** Operations as they stand, the identity first; magnetic ones with their centring. Undefined when none are given. */
function listedOperations(
  entries: CifEntries,
): { operations: Operation[]; line: number; isMagnetic: boolean } | undefined {
  // Magnetic operations end with the reversal of time, which leaves atoms where they are.
  const parsed = (column: readonly CifValue[], isMagnetic: boolean): Operation[] =>
    column.map(({ text, line }) =>
      parseOperation(isMagnetic ? text.replace(/,\s*[+-]?1\s*$/, '') : text, entries.source, line),
    );
  const magnetic = entries.firstColumn(
    'space_group_symop_magn_operation.xyz',
    'space_group_symop.magn_operation_xyz',
    'space_group_symop_magn.operation_xyz',
  );
  const plain = entries.firstColumn('space_group_symop.operation_xyz', 'symmetry_equiv.pos_as_xyz');
  const column = magnetic ?? plain;
  if (column === undefined) return undefined;
  const line = column[0]?.line ?? entries.block.line;
  let operations = parsed(column, magnetic !== undefined);
  const centering = entries.firstColumn(
    'space_group_symop_magn_centering.xyz',
    'space_group_symop.magn_centering_xyz',
    'space_group_symop_magn.centering_xyz',
  );
  if (magnetic !== undefined && centering !== undefined) {
    const shifts = parsed(centering, true);
    operations = shifts.flatMap((shift) => operations.map((operation) => productOf(shift, operation)));
  }
  // The identity first, so that listed atoms keep their coordinates.
  operations = [identity, ...distinctOperations(operations).filter((operation) => !isIdentity(operation))];
  operations = distinctOperations(operations);
  if (operations.length > maximumOperations)
    entries.fail(
      line,
      `${operations.length} symmetry operations are more than any cell has. Write the structure as P 1.`,
    );
  if (!isClosed(operations)) {
    entries.fail(
      line,
      `the ${operations.length} symmetry operations are no group: products of them are missing. Correct or complete the list.`,
    );
  }
  return { operations, line, isMagnetic: magnetic !== undefined };
}

interface Named extends CifSymmetry {
  /** What the file calls the group; empty when it does not. */
  readonly text: string;
  readonly number: number | undefined;
}

/** The group that the file names, in every setting that the name leaves open. */
function namedGroup(entries: CifEntries, isListed: boolean): Named {
  const numberValue = entries.first('space_group.it_number', 'symmetry.int_tables_number');
  const hall = entries.first('space_group.name_hall', 'symmetry.space_group_name_hall');
  const name = entries.first('space_group.name_h-m_alt', 'symmetry.space_group_name_h-m', 'space_group.name_h-m_full');
  const line = (hall ?? name ?? numberValue)?.line ?? entries.block.line;
  const number = numberValue && groupNumber(entries, numberValue);
  const text = (name ?? hall)?.text.trim() ?? (number === undefined ? '' : `number ${number}`);
  const warnings: string[] = [];
  let settings: readonly SpaceGroupSetting[] = name === undefined ? [] : settingsNamed(name.text);
  const operations = hall && operationsOfHall(hall.text);
  if (hall !== undefined && operations === undefined && !isListed)
    entries.fail(hall.line, `the Hall symbol ${quoted(hall.text)} is not known here. ${remedy}`);
  const isComparison = isListed || operations !== undefined;
  if (settings.length === 0 && number !== undefined && (isListed || name === undefined))
    settings = isComparison ? settingsOfNumber(number) : standardSettings(number);
  const isOther = number !== undefined && settings.length > 0 && settings.every((setting) => setting.number !== number);
  if (isOther) {
    const both = `space group ${quoted(name?.text ?? '')} is number ${settings[0]?.number}, the file says ${number}`;
    if (!isListed) entries.fail(line, `${both}. Correct one of them.`);
    warnings.push(`${both}; the listed operations were taken`);
  }
  const candidates =
    operations === undefined
      ? settings.map((setting) => ({ name: setting.name, operations: operationsOfHall(setting.hall) ?? [] }))
      : [{ name: hall?.text ?? '', operations }];
  const agreeing = candidates.filter(({ operations: each }) =>
    settings.length === 0
      ? true
      : settings.some(
          ({ hall: other }) => kindsOfOperations(operationsOfHall(other) ?? []) === kindsOfOperations(each),
        ),
  );
  if (candidates.length > 0 && agreeing.length === 0)
    entries.fail(
      line,
      `the Hall symbol ${quoted(hall?.text ?? '')} is not that of ${quoted(text)}. Correct one of them.`,
    );
  if (candidates.length === 0 && !isListed) {
    if (text !== '')
      entries.fail(
        line,
        `the file names space group ${quoted(text)}, which is not known here, and lists no symmetry operations. ${remedy}`,
      );
    if (isMagneticOnly(entries))
      entries.fail(
        line,
        'the file names a magnetic space group and lists no operations. Add _space_group_symop_magn_operation.xyz.',
      );
    return { ...trivial(line), text, number };
  }
  if (candidates.length === 0 && text !== '' && !isMagneticOnly(entries))
    warnings.push(`space group ${quoted(text)} is not known here; the listed operations were taken`);
  const doubt = `space group ${quoted(text)} leaves its origin or axes open`;
  return { candidates, doubt, line, warnings, text, number };
}

function trivial(line: number): CifSymmetry {
  const warnings = [
    'the file names no space group and lists no operations: its atoms were taken for all of the cell (P 1)',
  ];
  return { candidates: [{ name: 'P 1', operations: [identity] }], doubt: '', line, warnings };
}

/** Listed operations beside a named group: the same, another setting of it, or a contradiction. */
function comparison(listed: { operations: Operation[]; line: number; isMagnetic: boolean }, named: Named): CifSymmetry {
  const own = { name: 'the listed operations', operations: listed.operations };
  const alone = { candidates: [own], doubt: '', line: listed.line, warnings: named.warnings };
  // The name of a magnetic file may be that of its parent.
  if (listed.isMagnetic || named.candidates.length === 0)
    return { ...alone, warnings: listed.isMagnetic ? [] : named.warnings };
  if (named.candidates.some(({ operations }) => areSameOperations(operations, listed.operations))) return alone;
  const kinds = kindsOfOperations(listed.operations);
  if (named.candidates.some(({ operations }) => kindsOfOperations(operations) === kinds)) {
    const note = `the listed operations are those of another origin or other axes than ${quoted(named.text)} has; they were taken`;
    return { ...alone, warnings: [...named.warnings, note] };
  }
  const counts = `${listed.operations.length === 1 ? 'only the identity is' : `${listed.operations.length} operations are`} listed, space group ${quoted(named.text)} has ${named.candidates[0]?.operations.length} operations`;
  return { candidates: [own, ...named.candidates], doubt: counts, line: listed.line, warnings: named.warnings };
}

function groupNumber(entries: CifEntries, value: CifValue): number {
  const number = entries.measured(value, 'the number of the space group');
  if (!Number.isInteger(number) || number < 1 || number > 230)
    entries.fail(value.line, `there is no space group ${quoted(value.text)}. Write a number from 1 to 230.`);
  return number;
}

function isMagneticOnly(entries: CifEntries): boolean {
  return entries.tagsLike('_space_group_magn').some((tag) => !isUnknown(entries.block.values.get(tag)?.[0]));
}
