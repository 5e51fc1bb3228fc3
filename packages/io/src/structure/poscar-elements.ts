/**
 * Which element each atom of a POSCAR or XDATCAR is, from all that the file says: the line of elements, the labels of atom
 * lines, and only for files of VASP 4 without either, the comment. Statements that contradict each other are errors.
 */
import { chemicalSymbol, chemicalSymbols } from '@mace/core/structure';
import { elementOfLabel, isIsotope, isotopeWarning, requireLabelElement } from './atom-label.js';
import type { PoscarHeader } from './poscar-header.js';
import { failAt, quoted, tokens } from './text.js';

/** The words after the numbers of one atom line. */
export interface LabelRow {
  readonly words: readonly string[];
  /** Index of the line. */
  readonly at: number;
}

/** Atomic numbers [atoms]. Throws FormatError for contradictions and for elements that are not told; adds to `warnings`. */
export function elementsOf(
  header: PoscarHeader,
  rows: readonly LabelRow[],
  source: string,
  warnings: string[],
): Int32Array {
  const labels = rows.map(({ words }) => elementOfLabel(words[0] ?? ''));
  const groups = groupElements(header, rows, labels, source, warnings);
  const numbers = new Int32Array(header.atoms);
  const ignored = new Set<string>();
  let group = 0;
  let left = header.counts[0] ?? 0;
  for (const [atom, { words, at }] of rows.entries()) {
    while (left === 0) left = header.counts[++group] ?? Infinity;
    left--;
    const number = groups[group] ?? 0;
    const label = labels[atom];
    if (label !== undefined && label !== number)
      failAt(
        source,
        at + 1,
        `the label ${quoted(words[0] ?? '')} contradicts the elements and numbers of atoms above, by which atom ${atom + 1} is ${chemicalSymbol(number)}. Correct one of them.`,
      );
    if (label === undefined && words.length > 0) ignored.add(words.join(' '));
    else if (words.length > 1) ignored.add(words.slice(1).join(' '));
    numbers[atom] = number;
  }
  if (ignored.size > 0)
    warnings.push(
      `text after positions is ignored, as VASP does: ${[...ignored].slice(0, 3).map(quoted).join(', ')}${ignored.size > 3 ? ', …' : ''}`,
    );
  return numbers;
}

function groupElements(
  header: PoscarHeader,
  rows: readonly LabelRow[],
  labels: readonly (number | undefined)[],
  source: string,
  warnings: string[],
): readonly number[] {
  const line = header.start + 6;
  if (header.labels !== undefined) {
    if (header.labels.some(isIsotope)) warnings.push(isotopeWarning);
    return header.labels.map((label) => requireLabelElement(label, source, line));
  }
  let first = 0;
  const fromRows = header.counts.map((count) => {
    const label = labels[first];
    first += count;
    return count === 0 ? 0 : label;
  });
  if (labels.every((label) => label !== undefined)) return fromRows as number[];
  const fromComment = commentElements(header);
  if (fromComment === undefined)
    failAt(
      source,
      header.start + 1,
      `this VASP 4 file has no line of elements, and its comment ${quoted(header.comment)} is not a list of ${header.counts.length} chemical symbols. Add the line of elements above the numbers of atoms.`,
    );
  warnings.push(
    `line ${header.start + 1}: the elements ${fromComment.map(chemicalSymbol).join(', ')} are taken from the comment line`,
  );
  return fromComment;
}

/**
 * By custom the comment of a VASP 4 file is the list of its elements, or a formula with its numbers of atoms. A comment that
 * says anything else is prose, in which `In`, `As` or `I` are no elements.
 */
function commentElements({ comment, counts }: PoscarHeader): number[] | undefined {
  const words = tokens(comment.replace(/[!#].*$/, ''));
  const parts = words.flatMap((word) => {
    const formula = word.match(/[A-Z][a-z]?\d*/g) ?? [];
    return formula.join('') === word ? formula : [word.replace(/[_/.].*$/, '')];
  });
  if (parts.length !== counts.length) return undefined;
  const numbers = parts.map((part, index) => {
    const [, symbol = '', digits = ''] = /^([A-Za-z]+)(\d*)$/.exec(part) ?? [];
    const agrees = digits === '' || Number(digits) === counts[index];
    const number = agrees ? chemicalSymbols.indexOf(symbol as never) : -1;
    return number > 0 ? number : undefined;
  });
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}
