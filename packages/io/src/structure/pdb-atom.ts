/** One ATOM or HETATM record: columns of wwPDB format 3.3, each checked, so that a shifted line is never read as other numbers. */
import { chemicalSymbol } from '@mace/core/structure';
import type { NamedAtom } from './macromolecule.js';
import { isotopeNumber } from './element-label.js';
import { elementOfName, openReadings } from './residue-elements.js';
import { failAt, finiteReal, parseInteger, parseReal, quoted } from './text.js';

/**
 * True when names start where the format says: a symbol of one letter in column 14. A name such as `C1` or `N` in column 13 shows
 * that names are left-justified, so that `CA` in column 13 may be carbon.
 */
export function isAlignedFile(lines: readonly string[]): boolean {
  return !lines.some(
    (line) =>
      /^(?:ATOM  |HETATM).{6}[A-Za-z](?![A-Za-z]).{0,2}(?: |$)/.test(line.slice(0, 17)) && line.charAt(15) === ' ',
  );
}

/** Reads one record; `open` takes names whose element only their columns told. Throws FormatError with the line. */
export function atomOfRecord(
  line: string,
  isAligned: boolean,
  source: string,
  number: number,
  open: Set<string> = new Set(),
): NamedAtom {
  if (line.length < 54)
    failAt(
      source,
      number,
      `this atom record has ${line.length} characters, the coordinates end at 54. The line is cut off, or its columns are shifted.`,
    );
  if (/\S *(?:ATOM {2}|HETATM) *\d/.test(line.slice(54)))
    failAt(source, number, 'two atom records stand in this line. Give each its own.');
  const name = line.slice(12, 16).trim();
  const residue = line.slice(17, 21).trim();
  const chain = line.slice(21, 22).trim();
  const sequence = line.slice(22, 26).trim();
  const written = writtenElement(line);
  return {
    line: number,
    number: written ?? elementOf(line, name, residue, isAligned, source, number, open),
    isOfName: written === undefined,
    position: positionOf(line, source, number),
    name,
    residue,
    residueNumber: residueNumberOf(sequence, source, number),
    chain,
    // Programs that leave chains out name segments.
    place: [chain, sequence, line.slice(26, 27).trim(), line.slice(72, 76).trim()].join('|'),
    alternative: line.slice(16, 17).trim(),
    occupancy: optionalReal(line, 54, 60, 'the occupancy', source, number),
    bFactor: optionalReal(line, 60, 66, 'the B factor', source, number) ?? 0,
  };
}

function positionOf(line: string, source: string, number: number): [number, number, number] {
  const texts = [30, 38, 46].map((from) => line.slice(from, from + 8).trim());
  const place = texts.map((text, axis) =>
    finiteReal(
      text,
      `the ${'xyz'.charAt(axis)} coordinate in columns ${31 + 8 * axis}-${38 + 8 * axis}`,
      source,
      number,
    ),
  ) as [number, number, number];
  // A line that lost or won characters shows occupancies and halves of numbers as coordinates: other decimals, or text before them.
  const decimals = new Set(texts.map((text) => (/^[+-]?\d*\.(\d*)$/.exec(text)?.[1] ?? 'none').length));
  const isShifted = decimals.size > 1 || texts.some((text) => !text.includes('.')) || line.slice(27, 30).trim() !== '';
  if (isShifted)
    failAt(
      source,
      number,
      `the coordinates in columns 31-54 are ${texts.map(quoted).join(', ')}: expected three numbers of equally many decimals after blank columns 28-30. The columns are shifted, correct the line.`,
    );
  return place;
}

/** A number, four characters of hybrid-36 or hexadecimal beyond 9999, or stars; 1 is what ASE takes for nothing. */
function residueNumberOf(text: string, source: string, number: number): number {
  const value = parseInteger(text);
  if (value !== undefined) return value;
  if (text === '' || /^\*+$/.test(text)) return 1;
  // Hybrid-36 (Grosse-Kunstleve 2007): A000 is 10000, a000 what follows ZZZZ.
  if (/^[A-Z][0-9A-Z]{3}$/.test(text)) return parseInt(text, 36) - 10 * 36 ** 3 + 10 ** 4;
  if (/^[a-z][0-9a-z]{3}$/.test(text)) return parseInt(text, 36) + 16 * 36 ** 3 + 10 ** 4;
  if (/^[0-9a-fA-F]{4}$/.test(text)) return parseInt(text, 16);
  failAt(
    source,
    number,
    `the residue number in columns 23-26 is ${quoted(text)}. The columns are shifted, correct the line.`,
  );
}

function optionalReal(
  line: string,
  from: number,
  to: number,
  what: string,
  source: string,
  number: number,
): number | undefined {
  const text = line.slice(from, to).trim();
  if (text === '' || /^\*+$/.test(text)) return undefined;
  const value = parseReal(text);
  if (value !== undefined && Number.isFinite(value)) return value;
  failAt(
    source,
    number,
    `expected ${what} in columns ${from + 1}-${to}, got ${quoted(text)}. The columns are shifted, correct the line.`,
  );
}

/** The element of columns 77-78, where they have one. */
function writtenElement(line: string): number | undefined {
  const column = line.slice(76, 78).trim();
  const number = /^[A-Za-z]+$/.test(column) ? isotopeNumber(column) : undefined;
  return number === 0 ? undefined : number;
}

function elementOf(
  line: string,
  name: string,
  residue: string,
  isAligned: boolean,
  source: string,
  number: number,
  open: Set<string>,
): number {
  const column = line.slice(76, 78).trim();
  // Older files have the name and line number of the entry there.
  if (/[A-Za-z]/.test(column) && !/[A-Za-z0-9]/.test(line.charAt(75)))
    failAt(source, number, `unknown element ${quoted(column)} in columns 77-78. Write a chemical symbol there.`);
  const startsAt = line.charAt(12) === ' ' || /\d/.test(line.charAt(12)) ? 14 : 13;
  const byName = elementOfName(name, residue, isAligned, startsAt);
  const readings = openReadings(name, residue, startsAt);
  if (byName !== undefined) {
    // Beads of water and unknown atoms are called W and U more often than tungsten and uranium.
    const isUnlikely = byName === 74 || byName === 92;
    if (readings !== undefined || isUnlikely) open.add(`${quoted(name)} of ${residue} is ${chemicalSymbol(byName)}`);
    return byName;
  }
  const problem = readings === undefined ? 'is not known' : `may be ${readings.join(' or ')}`;
  failAt(
    source,
    number,
    `the element of atom ${quoted(name)} in residue ${quoted(residue)} ${problem}. Write its symbol in columns 77-78.`,
  );
}
