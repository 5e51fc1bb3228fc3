/**
 * Elements of the species column: symbols in any case, atomic numbers, labels that leave no choice.
 */
import { chemicalSymbol, chemicalSymbols } from '@mace/core/structure';
import { elementOfLabel, isIsotope, isotopeWarning, mayBeName, requireLabelElement } from './atom-label.js';
import { elementNumber } from './element-label.js';
import { failAt, parseInteger, quoted } from './text.js';

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

/**
 * Numbers in place of symbols may be the atom types of a simulation, 1 to n, which name no element. Throws FormatError where they are;
 * where every atom is 1, which may as well be hydrogen, and where they can only be elements, adds to `warnings`.
 */
export function checkTypes(
  labels: readonly string[],
  comment: string,
  source: string,
  firstLine: number,
  warnings: string[],
): void {
  const found = new Set(labels.map(parseInteger));
  const elements = [...found].flatMap((number) =>
    number === undefined ? [] : `${number} is ${chemicalSymbols[number] ?? 'none'}`,
  );
  if (elements.length === 0) return;
  const note = `elements are read from atomic numbers: ${elements.slice(0, 4).join(', ')}${elements.length > 4 ? ', …' : ''}`;
  if (found.has(undefined)) {
    warnings.push(note);
    return;
  }
  const areTypes = Array.from({ length: found.size }, (_, at) => at + 1).every((type) => found.has(type));
  if (/^\s*Atoms\.?\s+Timestep/i.test(comment) || (areTypes && found.size > 1))
    failAt(
      source,
      firstLine,
      `the first column holds numbers (${[...found].slice(0, 4).join(', ')}${found.size > 4 ? ', …' : ''}) that are atom types rather than elements. Write chemical symbols in their place (LAMMPS: dump_modify ID element C H …).`,
    );
  warnings.push(
    areTypes ? 'the first column is 1 for every atom, read as hydrogen; an atom type names no element' : note,
  );
}

/** Compares labels with atomic numbers beside them. Throws FormatError where a label is another element. */
export function checkLabels(
  labels: readonly string[],
  numbers: ArrayLike<number>,
  source: string,
  firstLine: number,
): void {
  labels.forEach((label, atom) => {
    const own = numbers[atom] as number;
    if (!contradicts(label, own)) return;
    failAt(
      source,
      firstLine + atom,
      `species ${quoted(label)} and atomic number Z ${own} (${chemicalSymbols[own] ?? 'none'}) are two elements. Correct one of them.`,
    );
  });
}

/** Whether a label names another element. */
export function contradicts(label: string, own: number): boolean {
  const number = elementNumber(label) ?? elementOfLabel(label);
  if (number === undefined || number === own) return false;
  // Names of atoms such as CA or HG: the element and a place in the molecule.
  return !/^[A-Z]{2}/.test(label) || elementNumber(label.slice(0, 1)) !== own;
}

/** Names of a column from which ASE takes the elements, even where symbols stand beside it. */
export function isNumbersName(name: string): boolean {
  return /^(?:atomic_)?numbers$/i.test(name);
}
