/** The sites of a core CIF block, each whole and ordered; what is partial, disordered or not located is refused by name. */
import { timesMatrix } from './cell-parameters.js';
import { SiteElements } from './cif-elements.js';
import { isUnknown, type CifEntries } from './cif-entries.js';
import type { CifValue } from './cif-syntax.js';
import type { Site } from './crystal.js';
import { quoted } from './text.js';

export interface CifSites {
  readonly sites: readonly Site[];
  /** Row of `_atom_site` that each site stands in. */
  readonly rows: readonly number[];
  readonly warnings: readonly string[];
}

/** What is read of a site. */
const siteItems = (
  'fract_x fract_y fract_z cartn_x cartn_y cartn_z label label_atom_id type_symbol occupancy calc_flag disorder_group ' +
  'disorder_assembly attached_hydrogens symmetry_multiplicity site_symmetry_multiplicity site_symmetry_order wyckoff_symbol'
)
  .split(' ')
  .map((item) => `atom_site.${item}`);

/** True when the block lists coordinates of atoms. */
export function hasSites(entries: CifEntries): boolean {
  return ['fract', 'cartn'].some((kind) => hasCoordinates(entries, kind));
}

/** True when places are given in fractions of the cell. */
export function areFractional(entries: CifEntries): boolean {
  return hasCoordinates(entries, 'fract');
}

function hasCoordinates(entries: CifEntries, kind: string): boolean {
  return entries.firstColumn(...['x', 'y', 'z'].map((axis) => `atom_site.${kind}_${axis}`)) !== undefined;
}

/** Reads the sites; `inverse` and `cell` are null for a molecule. Throws FormatError. */
export function sitesOf(entries: CifEntries, cell: Float64Array | null, inverse: Float64Array | null): CifSites {
  const isFractional = areFractional(entries);
  entries.requireOneLoop(...siteItems);
  const columns = ['x', 'y', 'z'].map((axis) =>
    entries.column(`atom_site.${isFractional ? 'fract' : 'cartn'}_${axis}`),
  );
  const { block } = entries;
  const count = columns[0]?.length ?? 0;
  if (columns.some((column) => column?.length !== count))
    entries.fail(
      block.line,
      `block ${quoted(block.name)} does not have x, y and z of all atoms. Add the missing columns.`,
    );
  if (isFractional && (cell === null || inverse === null))
    entries.fail(block.line, `block ${quoted(block.name)} has no cell. Add the six _cell_ entries.`);
  const elements = new SiteElements(entries);
  const sites: Site[] = [];
  const rows: number[] = [];
  const notLocated: string[] = [];
  let dummies = 0;
  refuseDisorder(entries, count);
  for (let row = 0; row < count; row++) {
    if (entries.at('atom_site.calc_flag', row)?.text === 'dum') {
      dummies++;
      continue;
    }
    const label = entries.at('atom_site.label', row) ?? entries.at('atom_site.label_atom_id', row);
    const type = entries.at('atom_site.type_symbol', row);
    if (isNotLocated(columns, row)) requireNoOther(entries, row, isFractional);
    if (isNotLocated(columns, row) && elements.isHydrogen(label, type)) {
      notLocated.push(label?.text ?? 'H');
      continue;
    }
    requireWhole(entries, row, label ?? type);
    const values = columns.map((column, axis) => coordinate(column?.[row], 'xyz'.charAt(axis), entries));
    const [x = 0, y = 0, z = 0] = values.map(({ value }) => value);
    const steps = values.map(({ step }) => step);
    sites.push({
      label: (label ?? type)?.text ?? '',
      line: columns[0]?.[row]?.line ?? block.line,
      number: elements.of(label, type),
      fractional: isFractional || inverse === null ? [x, y, z] : timesMatrix(x, y, z, inverse),
      ...(!isFractional && { cartesian: [x, y, z] as const }),
      uncertainty:
        isFractional || inverse === null ? (steps as [number, number, number]) : fractionalSteps(steps, inverse),
    });
    rows.push(row);
  }
  const more = notLocated.length > 6 ? `, and ${notLocated.length - 6} more` : '';
  const without = `hydrogens without coordinates were left out: ${notLocated.slice(0, 6).join(', ')}${more}`;
  const warnings = [...elements.warnings];
  if (notLocated.length > 0) warnings.push(without);
  warnings.push(...unlistedAtoms(entries));
  if (dummies > 0) warnings.push(`dummy sites (_atom_site_calc_flag dum) were left out: ${dummies}`);
  return { sites, rows, warnings };
}

/** Atoms that other lists of the block have: the list of sites may have lost them. */
function unlistedAtoms(entries: CifEntries): string[] {
  const labels = entries.column('atom_site.label');
  if (labels === undefined) return [];
  // Databases rewrite the labels of sites: `O-h1` beside `Oh1`.
  const plain = ({ text }: CifValue): string => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  const listed = new Set(labels.map(plain));
  const others = ['atom_site_aniso.label', 'atom_site_moment.label'].flatMap((item) => entries.column(item) ?? []);
  const lost = others.filter((value) => !isUnknown(value) && !listed.has(plain(value)));
  const [first] = lost;
  if (first === undefined) return [];
  const names = [...new Set(lost.map(({ text }) => text))];
  return [`line ${first.line}: atoms are not in the list of sites: ${names.slice(0, 6).join(', ')}`];
}

function isNotLocated(columns: readonly (readonly CifValue[] | undefined)[], row: number): boolean {
  return columns.every((column) => isUnknown(column?.[row]));
}

/** Some atoms by one kind of coordinates and some by the other: none may be lost. */
function requireNoOther(entries: CifEntries, row: number, isFractional: boolean): void {
  const value = entries.at(`atom_site.${isFractional ? 'cartn' : 'fract'}_x`, row);
  if (value !== undefined)
    entries.fail(
      value.line,
      `this atom has only ${isFractional ? 'Cartesian' : 'fractional'} coordinates, others have ${isFractional ? 'fractional' : 'Cartesian'} ones. Give one kind for all atoms.`,
    );
}

/** Steps of Cartesian digits, Å, as they show in fractional coordinates. */
function fractionalSteps(steps: readonly number[], inverse: Float64Array): [number, number, number] {
  const along = (j: number): number =>
    steps.reduce((sum, step, x) => sum + step * Math.abs(inverse[3 * x + j] ?? 0), 0);
  return [along(0), along(1), along(2)];
}

/** A coordinate and how far its last digit leaves it open; quarters and eighths are exact. */
function coordinate(value: CifValue | undefined, axis: string, entries: CifEntries): { value: number; step: number } {
  if (value === undefined || isUnknown(value))
    entries.fail(
      value?.line ?? entries.block.line,
      `the ${axis} coordinate of an atom is unknown. Add it, or remove the atom.`,
    );
  const number = entries.measured(value, `the ${axis} coordinate of an atom`);
  if (Math.abs(number) > 1e6)
    entries.fail(value.line, `the ${axis} coordinate ${quoted(value.text)} is too large to be one. Correct it.`);
  const decimals = /\.(\d*)/.exec(value.text)?.[1]?.length ?? 0;
  return { value: number, step: Number.isInteger(8 * number) ? 0 : 10 ** -decimals };
}

function requireWhole(entries: CifEntries, row: number, label: CifValue | undefined): void {
  const occupancy = entries.at('atom_site.occupancy', row);
  if (occupancy === undefined || Math.abs(entries.measured(occupancy, 'an occupancy') - 1) <= 1e-3) return;
  entries.fail(
    occupancy.line,
    `site ${quoted(label?.text ?? '')} has occupancy ${occupancy.text}. A calculation needs whole atoms: choose an ordered (super)cell with occupancies of 1.`,
  );
}

/** Groups of one assembly exclude each other, whatever their occupancies are. */
function refuseDisorder(entries: CifEntries, count: number): void {
  const groups = new Map<string, string>();
  for (let row = 0; row < count; row++) {
    const group = entries.at('atom_site.disorder_group', row);
    if (group === undefined || group.text === '0') continue;
    const assembly = entries.at('atom_site.disorder_assembly', row)?.text ?? '';
    const earlier = groups.get(assembly) ?? group.text;
    if (earlier !== group.text || group.text.startsWith('-')) {
      entries.fail(
        group.line,
        `the atoms have disorder groups ${quoted(earlier)} and ${quoted(group.text)}, which exclude each other or their images. Keep one of them.`,
      );
    }
    groups.set(assembly, group.text);
  }
}
