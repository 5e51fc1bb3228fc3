/**
 * Keys of a comment line that mean something to a calculation: found in any letter case, once, and missed aloud.
 *
 * A periodic cell that is lost by a letter gives another energy without a word, so whatever looks like a cell is named.
 */
import type { InfoValue } from '@mace/core/structure';
import type { Comment } from './extxyz-comment.js';
import { failAt, parseReal, quoted } from './text.js';

/** Keys of the format itself. */
export const reservedKeys: readonly string[] = ['Lattice', 'Properties', 'pbc'];
/** Two names of one input. */
const sameInputs = [
  ['charge', 'total_charge'],
  ['spin', 'total_spin'],
] as const;
/** Keys that models take inputs from. */
const inputKeys: readonly string[] = ['head', 'charge', 'spin', 'total_charge', 'total_spin'];
/** Names under which other programs keep a cell. */
const cellNames: ReadonlySet<string> = new Set(
  (
    'cell unitcell box boxsize boxvectors cellpar cellparams cellparameters cellvectors cellsize cellmatrix celldimensions celldm ' +
    'latt latticevector latticevectors latticeparameters latticeconstant latticeconstants latvec latvecs primvec avec alat acell ' +
    'supercell tv abc dimensions simbox simulationbox hmat hmatrix'
  ).split(' '),
);
/** Lengths, ends or vectors of a cell, each under a key of its own. */
const cellKeys = [
  'a b c',
  'lx ly lz',
  'boxx boxy boxz',
  'cella cellb cellc',
  'xhi yhi zhi',
  'a1 a2 a3',
  'v1 v2 v3',
].map((keys) => keys.split(' '));
/** What says that positions are fractions of the cell: a value, or a key that is true. */
const fractions = /^(?:fractional|frac|direct|scaled|reduced|crystal|relative)$/i;
const fractionKey = /^(?:is)?(?:fractional|frac|direct|scaled|reduced)(?:pos|positions?|coords?|coordinates)?$/;
/** Rows of a cell as other programs number them. */
const cellRow = /^(?:t?vec(?:tor)?|tv)\d?$/i;
/** Names under which other programs keep the periodic directions. */
const directionNames = /^(?:isperiodic|periodic|periodicity|boundary|(?:periodic)?boundaryconditions?)$/;
/** What a length may be in that is not Å. */
const otherLength = /^(?:bohrs?|a\.?u\.?|atomic.*|nm|nano.*|pm|pico.*)$/i;
const numberPattern = /[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][-+]?\d+)?/g;

/** Gives known keys their own spelling in `info`. Throws FormatError for a reserved key that is there twice; adds to `warnings`. */
export function settleKeys(comment: Comment, source: string, line: number, warnings: string[]): void {
  const { info, repeated, empty } = comment;
  for (const known of [...reservedKeys, ...inputKeys]) {
    const isReserved = reservedKeys.includes(known);
    for (const key of Object.keys(info).filter((other) => other.toLowerCase() === known.toLowerCase())) {
      if (isReserved && (repeated.has(key) || (key !== known && known in info)))
        failAt(source, line, `${known} is given twice. Remove one of them.`);
      if (key === known) continue;
      if (known in info) {
        warnings.push(`line ${line}: ${quoted(key)} is not read, ${known} is`);
        continue;
      }
      warnings.push(`line ${line}: ${quoted(key)} is read as ${known}`);
      info[known] = info[key] as InfoValue;
      delete info[key];
    }
  }
  for (const [short, long] of sameInputs) {
    const [a, b] = [info[short], info[long]];
    if (a !== undefined && b !== undefined && a !== b)
      warnings.push(`line ${line}: ${short} and ${long} are not the same`);
  }
  for (const key of repeated)
    warnings.push(`line ${line}: the key ${quoted(key)} is given twice, the last value is kept`);
  for (const key of empty) warnings.push(`line ${line}: the key ${quoted(key)} has no value`);
}

/** Names keys that look like those of the format and are not. */
export function warnOfLookalikes(info: Readonly<Record<string, InfoValue>>, line: number, warnings: string[]): void {
  const hasCell = 'Lattice' in info;
  // Of `box 5 5 5 energy=1` every word is a key of its own.
  const bareNumbers = Object.keys(info)
    .filter((key) => info[key] === true && parseReal(key) !== undefined)
    .join(' ');
  const counts = new Map(
    Object.entries(info).map(([key, value]) => [key.toLowerCase().replace(/[^a-z0-9]/g, ''), countOfNumbers(value)]),
  );
  const cell = cellKeys.find((keys) => keys.every((key) => (counts.get(key) ?? 0) > 0));
  if (!hasCell && cell !== undefined)
    warnings.push(
      `line ${line}: ${cell.join(', ')} are not read as a cell; write Lattice="ax ay az bx by bz cx cy cz"`,
    );
  for (const [key, value] of Object.entries(info)) {
    const word = key.toLowerCase().replace(/[^a-z]/g, '');
    const meant = reservedKeys.find((known) => !(known in info) && isOneEditAway(word, known.toLowerCase()));
    const glued = reservedKeys.find((known) => !(known in info) && isGlued(word, known, value));
    if (glued !== undefined)
      warnings.push(`line ${line}: the key ${quoted(key)} is not read, ${glued} is; put a space before it`);
    else if (meant !== undefined) warnings.push(`line ${line}: the key ${quoted(key)} is not read; is ${meant} meant?`);
    else if (isOtherLength(word, value))
      warnings.push(
        `line ${line}: ${value === true ? quoted(key) : `${key}=${quoted(String(value))}`} is not read: positions and cells are taken in Å`,
      );
    else if (saysFractions(word, value))
      warnings.push(`line ${line}: ${quoted(key)} is not read: positions are taken in Å, not as fractions of the cell`);
    else if (!hasCell && isCellName(key, word, value) && countOfNumbers(value === true ? bareNumbers : value) >= 1)
      warnings.push(
        `line ${line}: the key ${quoted(key)} is not read as a cell; write Lattice="ax ay az bx by bz cx cy cz"`,
      );
    else if (!('pbc' in info) && directionNames.test(word) && contradictsCell(value, hasCell))
      warnings.push(`line ${line}: the key ${quoted(key)} is not read; write pbc="T T F" with the directions`);
    else if (typeof value === 'string' && /(?:lattice|properties|pbc)\s*=/i.test(value))
      warnings.push(
        `line ${line}: the value of ${quoted(key)} holds what looks like a key of its own: ${quoted(value)}`,
      );
  }
}

/** Names text of a comment without keys that looks like a cell or like keys of the format. */
export function warnOfText(comment: string, line: number, warnings: string[]): void {
  const isCell =
    /(?:lattice|unit ?cell|\bcell|\bbox|\bpbc|periodic|cryst|\b(?:vec|tv)_?[1-3]?\b)/i.test(comment) &&
    !/non-?periodic/i.test(comment);
  if (/\bbohrs?\b/i.test(comment))
    warnings.push(`line ${line}: the comment speaks of bohr; positions and cells are taken in Å`);
  const words = comment.trim().split(/\s+/).map(parseReal);
  const count = words.filter((word) => word !== undefined).length;
  // A title before nine numbers is that of a cell: `PRIMVEC`, `c`.
  const isBare = (count === 6 && words.length === 6) || (count === 9 && words.length <= 10);
  const saysMuch = countOfNumbers(comment) >= 3 || /\b[TF]\W+[TF]\W+[TF]\b/.test(comment);
  if (isBare || (isCell && saysMuch) || /species\s*:\s*s\s*:|\blattice\b|\bpbc\b/i.test(comment))
    warnings.push(
      `line ${line}: the comment is read as text, also where it looks like a cell or its directions: ${quoted(comment.trim())}`,
    );
}

function isCellName(key: string, word: string, value: InfoValue): boolean {
  if (/^h0?$/i.test(key)) return countOfNumbers(value) === 9;
  return cellNames.has(word) || cellRow.test(key.replace(/[^A-Za-z0-9]/g, ''));
}

function saysFractions(word: string, value: InfoValue): boolean {
  if (value === true) return fractionKey.test(word);
  return typeof value === 'string' && fractions.test(value.trim()) && /pos|coord/.test(word);
}

/** True for directions other than those that a frame with, or without, a cell has. */
function contradictsCell(value: InfoValue, hasCell: boolean): boolean {
  const words = typeof value === 'object' ? value.values : String(value).split(/\s+/);
  const isOther = hasCell ? /^(?:false|f|s|m|no|none|0)$/i : /^(?:true|t|p|pp|yes|xyz|1)$/i;
  return words.some((word) => isOther.test(String(word)));
}

/** `noteLattice` with nine numbers: a key to which the word before it sticks. */
function isGlued(word: string, known: string, value: InfoValue): boolean {
  if (word === known.toLowerCase() || !word.endsWith(known.toLowerCase())) return false;
  if (known === 'Lattice') return countOfNumbers(value) === 9;
  if (known === 'pbc') return typeof value === 'object' && value.values.length === 3;
  return typeof value === 'string' && /^\w+:[RISL]:\d/.test(value);
}

function isOtherLength(word: string, value: InfoValue): boolean {
  if (value === true) return /^bohrs?$/.test(word);
  const isUnit = /^(?:\w*(?:length|pos|coord|distance|cell|lattice)\w*)?units?(?:of(?:length|positions|coordinates))?$/;
  return typeof value === 'string' && otherLength.test(value.trim()) && (isUnit.test(word) || /bohr/i.test(value));
}

function countOfNumbers(value: InfoValue): number {
  if (typeof value === 'number') return 1;
  if (typeof value === 'string') return value.match(numberPattern)?.length ?? 0;
  return typeof value === 'object' && (value.kind === 'real' || value.kind === 'integer') ? value.values.length : 0;
}

/** One letter more, less, another, or two exchanged; for short words only the last. */
function isOneEditAway(word: string, known: string): boolean {
  if (word === known) return true;
  let start = 0;
  while (start < word.length && word[start] === known[start]) start++;
  let end = 0;
  while (end < Math.min(word.length, known.length) - start && word.at(-1 - end) === known.at(-1 - end)) end++;
  const [a, b] = [word.slice(start, word.length - end), known.slice(start, known.length - end)];
  const isExchanged = a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0];
  return isExchanged || (a.length <= 1 && b.length <= 1 && (known.length > 3 || a.length !== b.length));
}
