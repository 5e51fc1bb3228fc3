/**
 * The space group that a CIF block names: Hermann–Mauguin names, numbers and Hall symbols, old tags and new, which must agree.
 *
 * Beside listed operations a disagreement is a warning, without them an error: nothing else says which statement is meant.
 */
import type { CifEntries } from './cif-entries.js';
import { isUnknown } from './cif-entries.js';
import type { CifValue } from './cif-syntax.js';
import { operationsOfHall } from './hall-symbol.js';
import { settingsNamed, settingsOfNumber, standardSettings, type SpaceGroupSetting } from './space-groups.js';
import { areSameOperations, kindsOfOperations } from './symmetry-group.js';
import { identity, type Operation } from './symmetry-operations.js';
import { quoted } from './text.js';

const codeItem = 'space_group.it_coordinate_system_code';

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
  /** How many operations are listed, where the name contradicts them. */
  readonly listed?: number;
}

const remedy =
  'Write it with its operations (_space_group_symop_operation_xyz) or as P 1: ASE, pymatgen, VESTA and gemmi do either.';

export interface NamedGroup extends CifSymmetry {
  /** How messages call the group: `"F m -3 m"`, `number 225`; empty when the file does not name it. */
  readonly label: string;
}

/** The group that the file names, in every setting that is left open. Throws FormatError where its names contradict each other. */
export function namedGroup(entries: CifEntries, isListed: boolean): NamedGroup {
  const warnings: string[] = [];
  const contradiction = (line: number, both: string): void => {
    if (!isListed) entries.fail(line, `${both}. Correct one of them.`);
    warnings.push(`${both}; the listed operations were taken`);
  };
  const names = textsOf(
    entries,
    'space_group.name_h-m_alt',
    'symmetry.space_group_name_h-m',
    'space_group.name_h-m_full',
    'symmetry.pdbx_full_space_group_name_h-m',
  );
  const halls = textsOf(entries, 'space_group.name_hall', 'symmetry.space_group_name_hall');
  const numbers = textsOf(entries, 'space_group.it_number', 'symmetry.int_tables_number');
  const line = (halls[0] ?? names[0] ?? numbers[0])?.line ?? entries.block.line;
  const [number, otherNumber] = numbers.map((value) => groupNumber(entries, value));
  if (otherNumber !== undefined && otherNumber !== number)
    contradiction(line, `the file says space group number ${number} and number ${otherNumber}`);
  const { name, settings: ofNames } = settingsOf(names, contradiction, warnings);
  const hall = hallOf(entries, halls, isListed, contradiction);
  const label =
    name !== undefined ? quoted(name.text.trim()) : number !== undefined ? `number ${number}` : quotedOrEmpty(halls[0]);
  let settings = ofNames;
  if (settings.length === 0 && number !== undefined && (isListed || name === undefined)) {
    settings = isListed || hall !== undefined ? settingsOfNumber(number) : standardSettings(number);
    const taken = settings[0]?.name.split(':')[0] ?? '';
    const isOpen = !isListed && hall === undefined && entries.first(codeItem) === undefined;
    if (isOpen && settingsOfNumber(number).length > settings.length)
      warnings.push(`space group number ${number} was taken as ${taken}, its standard setting`);
  } else if (number !== undefined && settings.length > 0) {
    const ofNumber = settings.filter((setting) => setting.number === number);
    if (ofNumber.length > 0) settings = ofNumber;
    else contradiction(line, `space group ${label} is number ${settings[0]?.number}, the file says ${number}`);
  }
  if (!isListed) settings = ofCode(entries, settings, name === undefined && hall === undefined);
  let candidates = settings.map(
    (setting): SymmetryCandidate => ({ name: setting.name, operations: operationsOf(setting) }),
  );
  let doubt = `space group ${label} leaves its origin or axes open`;
  if (hall !== undefined) {
    const own = { name: hall.text, operations: hall.operations };
    const isSame = candidates.some(({ operations }) => areSameOperations(operations, hall.operations));
    const kinds = kindsOfOperations(hall.operations);
    const isOfKind = candidates.some(({ operations }) => kindsOfOperations(operations) === kinds);
    if (candidates.length > 0 && !isOfKind)
      entries.fail(
        line,
        `the Hall symbol ${quoted(hall.text)} is not that of space group ${label}. Correct one of them.`,
      );
    if (isSame || ofNames.length === 0) candidates = [own];
    else {
      doubt = `the Hall symbol ${quoted(hall.text)} has another origin or other axes than ${label}`;
      candidates = [own, ...candidates];
      if (isListed) warnings.push(`${doubt}; the listed operations were taken`);
    }
  }
  if (candidates.length === 0 && !isListed) {
    if (label !== '')
      entries.fail(
        line,
        `the file names space group ${label}, which is not known here, and lists no symmetry operations. ${remedy}`,
      );
    if (isMagneticOnly(entries))
      entries.fail(
        line,
        'the file names a magnetic space group and lists no operations. Add _space_group_symop_magn_operation.xyz.',
      );
    return { ...trivial(line), label };
  }
  if (candidates.length === 0 && label !== '' && !isMagneticOnly(entries))
    warnings.push(`space group ${label} is not known here; the listed operations were taken`);
  return { candidates, doubt, line, warnings, label };
}

function trivial(line: number): CifSymmetry {
  const warnings = [
    'the file names no space group and lists no operations: its atoms were taken for all of the cell (P 1)',
  ];
  return { candidates: [{ name: 'P 1', operations: [identity] }], doubt: '', line, warnings };
}

/** What these items say. */
function textsOf(entries: CifEntries, ...items: readonly string[]): CifValue[] {
  return items.flatMap((item) => entries.single(item) ?? []);
}

/** The settings that all known names can mean, and the name that messages show: the first that is known. */
function settingsOf(
  names: readonly CifValue[],
  contradiction: (line: number, both: string) => void,
  warnings: string[],
): { name: CifValue | undefined; settings: readonly SpaceGroupSetting[] } {
  const read = names.map((name) => ({ name, settings: settingsNamed(name.text) }));
  const [first, ...others] = read.filter(({ settings }) => settings.length > 0);
  if (first === undefined) return { name: names[0], settings: [] };
  let settings = first.settings;
  for (const other of others) {
    const common = settings.filter((setting) => other.settings.includes(setting));
    if (common.length > 0) {
      settings = common;
      continue;
    }
    contradiction(
      other.name.line,
      `the file names space group ${quoted(first.name.text.trim())} and ${quoted(other.name.text.trim())}`,
    );
    // The listed operations may be those of either.
    settings = [...settings, ...other.settings];
  }
  const unknown = read.find(({ settings: none }) => none.length === 0);
  if (unknown !== undefined)
    warnings.push(
      `line ${unknown.name.line}: space group ${quoted(unknown.name.text.trim())} is not known here; ${quoted(first.name.text.trim())} was read`,
    );
  return { name: first.name, settings };
}

/**
 * The settings that `_space_group_IT_coordinate_system_code` leaves: `1`, `2`, `h` and `r` choose among origins and axes. Other
 * codes turn the axes of a number, which only a name tells here.
 */
function ofCode(
  entries: CifEntries,
  settings: readonly SpaceGroupSetting[],
  isNumberAlone: boolean,
): readonly SpaceGroupSetting[] {
  const code = entries.first(codeItem);
  if (code === undefined || settings.length === 0) return settings;
  const said = `the coordinate system ${quoted(code.text)} (_space_group_IT_coordinate_system_code)`;
  const [, choice, turned] = /^([12hr])?(.*)$/.exec(code.text.trim().toLowerCase()) ?? [];
  if (isNumberAlone && turned !== '' && turned !== 'abc' && turned !== 'b1')
    entries.fail(code.line, `${said} is not that of a number alone. Add the name of the space group in its own axes.`);
  const hasChoice = settings.some((setting) => setting.name.includes(':'));
  const left = settings.filter((setting) => setting.name.split(':')[1]?.toLowerCase() === choice);
  if (choice === undefined || !hasChoice) return settings;
  if (left.length === 0)
    entries.fail(
      code.line,
      `${said} is not that of space group ${quoted(settings[0]?.name ?? '')}. Correct one of them.`,
    );
  return left;
}

interface Hall {
  readonly text: string;
  readonly operations: readonly Operation[];
}

/** The Hall symbol with its operations; undefined for none, and for one that is not known beside listed operations. */
function hallOf(
  entries: CifEntries,
  values: readonly CifValue[],
  isListed: boolean,
  contradiction: (line: number, both: string) => void,
): Hall | undefined {
  const halls = values.flatMap(({ text, line }): Hall[] => {
    const operations = operationsOfHall(text);
    if (operations === undefined && !isListed)
      entries.fail(line, `the Hall symbol ${quoted(text)} is not known here. ${remedy}`);
    return operations === undefined ? [] : [{ text: text.trim(), operations }];
  });
  const [first, second] = halls;
  if (first !== undefined && second !== undefined && !areSameOperations(first.operations, second.operations))
    contradiction(
      values[1]?.line ?? 0,
      `the file has the Hall symbols ${quoted(first.text)} and ${quoted(second.text)}`,
    );
  return first;
}

function operationsOf({ hall }: SpaceGroupSetting): readonly Operation[] {
  return operationsOfHall(hall) ?? [];
}

function quotedOrEmpty(value: CifValue | undefined): string {
  return value === undefined ? '' : quoted(value.text.trim());
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
