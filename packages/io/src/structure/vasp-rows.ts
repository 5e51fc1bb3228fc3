/**
 * Rows of VASP's files: numbers, then words. VASP reads so many numbers and forgets the rest of the line; here the rest is looked at.
 *
 * Numbers that fill their columns stick together (`0.12345678-0.12345678`, `100.12345678100.12345678` in an XDATCAR) and are parted.
 */
import { failAt, finiteReal, parseReal, quoted, tokens } from './text.js';

/** Three numbers of a row and the words after them, comments (`!`, `#`) left out. */
export interface VaspRow {
  readonly numbers: readonly [number, number, number];
  readonly words: readonly string[];
}

/** The words of a line up to a comment that begins with `!` or `#`. */
export function wordsOf(line: string): string[] {
  const words = tokens(line);
  const end = words.findIndex((word) => /^[!#]/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

/** Reads a row of three numbers. Throws FormatError for fewer, and for a fourth: then one of them may have been cut in two. */
export function threeNumbers(line: string, what: string, source: string, at: number): VaspRow {
  const words = wordsOf(line).flatMap((word, index) => (index < 3 ? parted(word) : [word]));
  const [x = 0, y = 0, z = 0] = [0, 1, 2].map((axis) =>
    finiteReal(words[axis], `the ${'xyz'.charAt(axis)} ${what}`, source, at),
  );
  const rest = words.slice(3);
  if (parseReal(rest[0] ?? '') !== undefined)
    failAt(
      source,
      at,
      `a fourth number ${quoted(rest[0] ?? '')} follows the three of this row. Remove it, or the space inside a number.`,
    );
  return { numbers: [x, y, z], words: rest };
}

/** The numbers of a word in which several stick together; the word itself where they do not. */
function parted(word: string): string[] {
  if (parseReal(word) !== undefined) return [word];
  const signed = word.split(/(?<=[\d.])(?=[+-])/);
  if (signed.every((piece) => parseReal(piece) !== undefined)) return signed;
  return /^(?:[+-]?\d{1,4}\.\d{8})+$/.test(word) ? (word.match(/[+-]?\d+\.\d{8}/g) ?? [word]) : [word];
}
