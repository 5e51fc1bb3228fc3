/** Space groups by name or number: which settings a text can mean. Operations come from the Hall symbol of the setting. */
import { spaceGroupLines } from './space-group-table.js';

/** One of the ways to lay axes and origin of a space group. */
export interface SpaceGroupSetting {
  readonly number: number;
  /** Hermann–Mauguin symbol with the setting after a colon: `F d -3 m:2`. */
  readonly name: string;
  readonly hall: string;
}

const settings: readonly SpaceGroupSetting[] = spaceGroupLines.flatMap((line, index) =>
  line.split(';').map((entry) => {
    const [name = '', hall = ''] = entry.split('=');
    return { number: index + 1, name, hall };
  }),
);

/** Other spellings of symbols of the table, first those with the glide plane e (1992). */
const newNames: readonly (readonly [RegExp, string])[] = [
  [/^aem2$/, 'abm2'],
  [/^aea2$/, 'aba2'],
  [/^cmce$/, 'cmca'],
  [/^cmme$/, 'cmma'],
  [/^ccce/, 'ccca'],
  // Of the PDB, whose column has no place for brackets.
  [/^p21212a$/, 'p21212(a)'],
];

/** All settings of a number from 1 to 230. */
export function settingsOfNumber(number: number): readonly SpaceGroupSetting[] {
  return settings.filter((setting) => setting.number === number);
}

/** The settings that International Tables describe first: both origins, both kinds of axes; for a number alone. */
export function standardSettings(number: number): readonly SpaceGroupSetting[] {
  const all = settingsOfNumber(number);
  return all.filter(({ name }) => baseOf(name) === baseOf(all[0]?.name ?? ''));
}

/**
 * The settings that a Hermann–Mauguin name can mean: with or without spaces, setting (`:2`, `:R`, ` Z`), in short or in full.
 * Empty for a name that is not known.
 */
export function settingsNamed(name: string): readonly SpaceGroupSetting[] {
  const text = name
    .replace(/[_\s]+/g, ' ')
    // SHELX writes screw axes as 2(1), the journals of the IUCr as 2~1~.
    .replace(/(?<=\d)(?:\((\d)\)|~(\d)~)/g, '$1$2')
    .trim()
    .toLowerCase();
  // ICSD writes S and Z for the first and second origin, H and R for axes, after a space or none.
  const [, written = '', choice = ''] = /^(.*?)(?::\s*|\s*(?=[hrsz]$))([12hrsz])$/.exec(text) ?? [undefined, text, ''];
  const suffix = choice === 's' ? '1' : choice === 'z' ? '2' : choice;
  // PDB: H is the hexagonal cell of a rhombohedral lattice.
  const isHexagonalName = /^h ?-?3/.test(written);
  const found = matches(isHexagonalName ? written.replace(/^h/, 'r') : written);
  const wanted = isHexagonalName ? 'h' : suffix;
  return wanted === '' ? found : found.filter((setting) => choiceOf(setting.name) === wanted);
}

/**
 * Which of several monoclinic settings is that of unique axis b, the standard of International Tables; undefined when none or more than
 * one is, when another kind of group is among them, and for `B 2`, whose setting of axis b is an unusual one of another group.
 */
export function uniqueAxisB(names: readonly string[]): number | undefined {
  const found = names.map((name) => settings.find((each) => each.name === name));
  const [index, second] = found.flatMap((each, at) => (/^. 1 \S+ 1$/.test(each?.name ?? '') ? [at] : []));
  const setting = found[index ?? -1];
  if (setting === undefined || second !== undefined) return undefined;
  const isMonoclinic = found.every((each) => each !== undefined && each.number >= 3 && each.number <= 15);
  const isStandard = settingsOfNumber(setting.number)[0] === setting;
  return isMonoclinic && (isStandard || found.every((each) => each?.number === setting.number)) ? index : undefined;
}

function matches(written: string): readonly SpaceGroupSetting[] {
  const exact = withBase(written);
  if (exact.length > 0) return exact;
  const short = withBase(shortOfFull(written));
  if (short.length > 0) return short;
  // P 21/c for P 1 21/c 1: only the axis that is not 1 is written, that is b unless said otherwise.
  const parts = spaceless(written);
  return settings.filter(
    ({ number, name }) =>
      number >= 3 && number <= 15 && spaceless(baseOf(name)).replace(shortAxes(name), '$1$2') === parts,
  );
}

/** Takes the 1s of a monoclinic symbol away, the letter of the lattice and the axis stay. */
function shortAxes(name: string): RegExp {
  return / 1 1 /.test(name) ? /^(.)11(.*)$/ : / 1 /.test(name) ? /^(.)1(.*)1$/ : /^(.)(.*)11$/;
}

function withBase(written: string): readonly SpaceGroupSetting[] {
  const name = newNames.reduce((text, [from, to]) => text.replace(from, to), spaceless(written));
  return settings.filter((setting) => spaceless(baseOf(setting.name)) === name);
}

/** `F 4/m -3 2/m` and the old `F m 3 m` as `F m -3 m`, `P 21/n 21/m 21/a` as `P n m a`. */
function shortOfFull(written: string): string {
  const [lattice = '', ...axes] = written.includes(' ') ? written.split(' ') : [];
  if (axes.length !== 3 && axes.length !== 2) {
    // m3m and m3 of older tables, without the sign.
    return written.replace(/^([pif][mnad])3([mncd]?)$/, '$1-3$2');
  }
  const short = axes.map((axis) => axis.replace(/^[2346][1-5]?\/(?=[a-z]$)/, ''));
  const isCubic = axes[1] === '-3' || axes[1] === '3';
  if (isCubic && /^[mnad]$/.test(short[0] ?? '')) return [lattice, short[0], '-3', ...short.slice(2)].join(' ');
  // The principal axis of a tetragonal or hexagonal group keeps its number.
  const isHigh = /^-?[346]/.test(axes[0] ?? '');
  return [lattice, ...(isHigh ? [axes[0], ...short.slice(1)] : short)].join(' ');
}

function baseOf(name: string): string {
  return name.split(':')[0] ?? '';
}

function choiceOf(name: string): string {
  return (name.split(':')[1] ?? '').toLowerCase();
}

function spaceless(text: string): string {
  return text.replaceAll(' ', '').toLowerCase();
}
