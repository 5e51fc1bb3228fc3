/**
 * The first lines of a POSCAR or XDATCAR: comment, scale, lattice, elements (VASP 5) and numbers of atoms.
 *
 * Elements and numbers may take several lines each, as VASP writes them when there are many.
 */
import { signedVolume } from '@mace/core/structure';
import { failAt, finiteReal, parseInteger, parseReal, quoted } from './text.js';
import { threeNumbers, wordsOf } from './vasp-rows.js';

export interface PoscarHeader {
  readonly comment: string;
  /** Factors of Cartesian x, y and z. */
  readonly scale: readonly [number, number, number];
  /** Å, [3 3]. */
  readonly cell: Float64Array;
  /** What stands above the numbers of atoms; undefined in files of VASP 4. */
  readonly labels: readonly string[] | undefined;
  /** Number of atoms of each group. */
  readonly counts: readonly number[];
  readonly atoms: number;
  /** Index of the first line of the header, and of the first after it. */
  readonly start: number;
  readonly next: number;
}

/** Reads the header that begins with line `start`. Throws FormatError; adds to `warnings` what it left out. */
export function readHeader(lines: readonly string[], start: number, source: string, warnings: string[]): PoscarHeader {
  if (lines.length < start + 7)
    failAt(
      source,
      Math.max(1, lines.length),
      'the file ends inside the header. A POSCAR has a comment, a scale, three lattice vectors, elements and numbers of atoms: copy it again.',
    );
  const raw = [0, 1, 2].flatMap((vector) => {
    const at = start + 2 + vector;
    const what = `component of lattice vector ${vector + 1}`;
    const { numbers, words } = threeNumbers(lines[at] ?? '', what, source, at + 1);
    ignore(words, at, warnings);
    return [...numbers];
  });
  const volume = Math.abs(signedVolume(raw));
  if (!(volume > 1e-12)) failAt(source, start + 3, 'the lattice vectors lie in one plane. Correct them.');
  const scale = readScale(lines[start + 1] ?? '', start + 1, volume, source, warnings);
  const cell = Float64Array.from(raw, (value, index) => value * (scale[index % 3] ?? 1));
  const { labels, at } = readLabels(lines, start + 5);
  const { counts, next } = readCounts(lines, at, labels?.length, source);
  const atoms = counts.reduce((sum, count) => sum + count, 0);
  if (atoms === 0) failAt(source, at + 1, 'there are 0 atoms. Write how many atoms each element has.');
  return { comment: (lines[start] ?? '').trim(), scale, cell, labels, counts, atoms, start, next };
}

/** Notes words that VASP does not read. */
export function ignore(words: readonly string[], at: number, warnings: string[]): void {
  if (words.length > 0) warnings.push(`line ${at + 1}: ${quoted(words.join(' '))} is ignored, as VASP does`);
}

/** One factor, three, or minus the volume in Å³. */
function readScale(
  line: string,
  at: number,
  volume: number,
  source: string,
  warnings: string[],
): readonly [number, number, number] {
  const words = wordsOf(line);
  const end = words.findIndex((word) => parseReal(word) === undefined);
  const given = end < 0 ? words : words.slice(0, end);
  if (given.length !== 1 && given.length !== 3)
    failAt(source, at + 1, `expected one or three scale factors, got ${quoted(line)}. Write 1.0.`);
  ignore(words.slice(given.length), at, warnings);
  const [x = 1, y = x, z = x] = given.map((word) => finiteReal(word, 'the scale', source, at + 1));
  const scale: [number, number, number] = [x, y, z];
  if (given.length === 1 && x < 0) scale.fill(Math.cbrt(-x / volume));
  if (scale.some((factor) => !(factor > 0)))
    failAt(source, at + 1, 'the scale is zero or not positive. Write 1.0, or minus the volume in Å³.');
  return scale;
}

/** The lines of elements: all up to one that begins with a whole number. */
function readLabels(lines: readonly string[], start: number): { labels: string[] | undefined; at: number } {
  const labels: string[] = [];
  let at = start;
  for (; at < lines.length; at++) {
    const words = wordsOf(lines[at] ?? '');
    if (words.length === 0 || parseReal(words[0] ?? '') !== undefined) break;
    labels.push(...words);
  }
  return { labels: at === start ? undefined : labels, at };
}

/** The lines of numbers of atoms: until each of `groups` has one, or as long as lines hold nothing else. */
function readCounts(
  lines: readonly string[],
  start: number,
  groups: number | undefined,
  source: string,
): { counts: number[]; next: number } {
  const counts: number[] = [];
  let at = start;
  do {
    const words = wordsOf(lines[at] ?? '');
    for (const word of words) {
      // A comment may also stick to a number: `4!oxygen`.
      const count = parseInteger(word.split('!')[0] ?? '');
      if (count === undefined || count < 0)
        failAt(source, at + 1, `expected numbers of atoms, got ${quoted(word)}. Write one whole number per element.`);
      counts.push(count);
      if (word.includes('!')) break;
    }
    if (words.length === 0)
      failAt(source, at + 1, 'the line with the numbers of atoms is empty. Write one whole number per element.');
    at++;
  } while (counts.length < (groups ?? Infinity) && startsWithCounts(lines[at]));
  if (groups !== undefined && counts.length !== groups)
    failAt(
      source,
      start,
      `${groups} elements stand above ${counts.length} numbers of atoms. Write one number for each element.`,
    );
  return { counts, next: at };
}

function startsWithCounts(line: string | undefined): boolean {
  const words = wordsOf(line ?? '');
  return words.length > 0 && words.every((word) => parseInteger(word) !== undefined);
}
