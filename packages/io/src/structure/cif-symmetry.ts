/**
 * Which symmetry operations a CIF block can mean: those that it lists, or those of the space group that it names.
 *
 * A name leaves origin and axes open now and then, and a list may contradict the name. Then there are several candidates, and what the
 * file says of cell, formula and multiplicities decides between them (`cif-structure.ts`).
 */
import { cellItems } from './cif-cell.js';
import { isUnknown, type CifEntries } from './cif-entries.js';
import { namedGroup, type CifSymmetry, type NamedGroup } from './cif-group.js';
import type { CifValue } from './cif-syntax.js';
import { systemOfOperations, systemsSaid } from './crystal-system.js';
import {
  areSameOperations,
  distinctOperations,
  isClosed,
  keepsCell,
  kindsOfOperations,
  operationKey,
  productOf,
  strainWarning,
} from './symmetry-group.js';
import { identity, isIdentity, parseOperation, type Operation } from './symmetry-operations.js';
import { quoted } from './text.js';

/** A space group has 192 in a cell; magnetic cells hold several of those. */
const maximumOperations = 1000;

const listedName = 'the listed operations';

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
      `the cell (${cellItems.map((item) => entries.single(item)?.text ?? '90').join(' ')}) does not have the symmetry of ${found.candidates.map(({ name }) => (name === listedName ? name : quoted(name))).join(' or ')}. Correct lengths and angles, or the space group.`,
    );
  }
  const system = otherSystem(entries, fitting);
  const strains = cell === null ? [] : fitting.map(({ operations }) => strainWarning(operations, cell));
  const strain = strains.every((warning) => warning !== undefined) ? strains.slice(0, 1) : [];
  const warnings = [...(listed?.warnings ?? []), ...found.warnings, ...system, ...(strain as string[])];
  return { ...found, candidates: fitting, warnings };
}

/** A warning where the file names a crystal system that none of the readings has. */
function otherSystem(entries: CifEntries, candidates: CifSymmetry['candidates']): string[] {
  const said = entries.first('space_group.crystal_system', 'symmetry.cell_setting');
  const allowed = said && systemsSaid(said.text);
  if (said === undefined || allowed === undefined) return [];
  const systems = candidates.map(({ operations }) => systemOfOperations(operations));
  return systems.some((system) => allowed.includes(system))
    ? []
    : [`line ${said.line}: the file says ${quoted(said.text)}, its symmetry operations are ${systems[0]}`];
}

/** Superspace is another geometry: atoms of the average structure would be computed in silence. */
function refuseModulation(entries: CifEntries): void {
  const dimension = entries.first('cell.modulation_dimension', 'cell_modulation_dimension');
  const tags = [
    '_space_group_ssg',
    '_space_group_symop_ssg',
    '_space_group_magn_ssg',
    '_space_group_symop_magn_ssg',
    '_cell_wave_vector',
    '_cell_subsystem',
    '_atom_site_fourier',
    '_atom_site_displace_',
    '_atom_site_occ_',
  ];
  const tag = tags
    .flatMap((start) => entries.tagsLike(start))
    .find((name) => !entries.block.values.get(name)?.every(isUnknown));
  const isModulated = dimension !== undefined && dimension.text !== '0';
  if (!isModulated && tag === undefined) return;
  entries.fail(
    dimension?.line ?? entries.block.values.get(tag ?? '')?.[0]?.line ?? entries.block.line,
    `this is a modulated structure (${tag ?? '_cell_modulation_dimension'}), which no cell holds. Give a commensurate approximant.`,
  );
}

interface Listed {
  readonly operations: readonly Operation[];
  readonly line: number;
  readonly isMagnetic: boolean;
  readonly warnings: readonly string[];
}

/** Operations as they stand, the identity first; magnetic ones with their centring. Undefined when none are given. */
function listedOperations(entries: CifEntries): Listed | undefined {
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
  const older = entries.firstColumn('symmetry_equiv.pos_as_xyz');
  if (plain !== undefined && older !== undefined && older !== plain)
    if (!areSameOperations(distinctOperations(parsed(plain, false)), distinctOperations(parsed(older, false))))
      entries.fail(
        older[0]?.line ?? entries.block.line,
        '_symmetry_equiv_pos_as_xyz and _space_group_symop_operation_xyz list different operations. Remove the wrong list.',
      );
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
  const warnings: string[] = [];
  if (!operations.some((operation) => operationKey(operation) === operationKey(identity)))
    warnings.push(`line ${line}: the list of symmetry operations lacks x,y,z, which was added`);
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
  if (magnetic !== undefined && plain !== undefined)
    if (!areSameOperations(operations, distinctOperations(parsed(plain, false))))
      warnings.push('magnetic and other operations are listed and differ; the magnetic ones were taken');
  return { operations, line, isMagnetic: magnetic !== undefined, warnings };
}

/** Listed operations beside a named group: the same, another setting of it, or a contradiction. */
function comparison(listed: Listed, named: NamedGroup): CifSymmetry {
  const own = { name: listedName, operations: listed.operations };
  const alone = { candidates: [own], doubt: '', line: listed.line, warnings: named.warnings };
  // The name of a magnetic file may be that of its parent.
  if (listed.isMagnetic || named.candidates.length === 0)
    return { ...alone, warnings: listed.isMagnetic ? [] : named.warnings };
  if (named.candidates.some(({ operations }) => areSameOperations(operations, listed.operations))) return alone;
  const kinds = kindsOfOperations(listed.operations);
  if (named.candidates.some(({ operations }) => kindsOfOperations(operations) === kinds)) {
    const note = `the listed operations are those of another origin or other axes than ${named.label} has; they were taken`;
    return { ...alone, warnings: [...named.warnings, note] };
  }
  const order = named.candidates[0]?.operations.length ?? 0;
  const has = `space group ${named.label} has ${order} ${order === 1 ? 'operation' : 'operations'}`;
  const counts = `${listed.operations.length === 1 ? 'only the identity is' : `${listed.operations.length} operations are`} listed, ${has}`;
  return {
    candidates: [own, ...named.candidates],
    doubt: counts,
    line: listed.line,
    warnings: named.warnings,
    listed: listed.operations.length,
  };
}
