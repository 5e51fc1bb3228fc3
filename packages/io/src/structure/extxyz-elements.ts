/**
 * Elements of the species column: symbols in any case, atomic numbers, labels that leave no choice.
 */
import { chemicalSymbol } from '@mace/core/structure';
import { elementOfLabel, isIsotope, isotopeWarning, mayBeName, requireLabelElement } from './atom-label.js';
import { elementNumber } from './element-label.js';
import { failAt, quoted } from './text.js';

/** Atomic numbers of labels. Throws FormatError for a label that names no element, or several; adds to `warnings` where it is no symbol. */
export function elementsOfLabels(
  labels: readonly string[],
  source: string,
  firstLine: number,
  warnings: string[],
): Int32Array {
  const read = new Map<string, number>();
  let hasIsotopes = false;
  const numbers = Int32Array.from(labels, (label, atom) => {
    const symbol = elementNumber(label);
    if (symbol !== undefined) {
      if (mayBeName(label)) read.set(label, symbol);
      return symbol;
    }
    const number = requireLabelElement(label, source, firstLine + atom);
    if (isIsotope(label)) hasIsotopes = true;
    else read.set(label, number);
    return number;
  });
  if (hasIsotopes) warnings.push(isotopeWarning);
  const examples = [...read].slice(0, 4).map(([label, number]) => `${label} is ${chemicalSymbol(number)}`);
  if (read.size > 0)
    warnings.push(`elements are read from labels: ${examples.join(', ')}${read.size > 4 ? ', …' : ''}`);
  return numbers;
}

/** Compares labels with atomic numbers beside them. Throws FormatError where a label is another element. */
export function checkLabels(labels: readonly string[], numbers: Int32Array, source: string, firstLine: number): void {
  labels.forEach((label, atom) => {
    const number = elementNumber(label) ?? elementOfLabel(label);
    const own = numbers[atom] as number;
    if (number === undefined || number === own) return;
    // Names of atoms such as CA or HG: the element and a place in the molecule.
    if (/^[A-Z]{2}/.test(label) && elementNumber(label.slice(0, 1)) === own) return;
    failAt(
      source,
      firstLine + atom,
      `species ${quoted(label)} and atomic number Z ${own} (${chemicalSymbol(own)}) are two elements. Correct one of them.`,
    );
  });
}
