/**
 * From the element label of a file to an atomic number, with an error that names the line.
 *
 * `X` (ASE's dummy atom) reads as 0; whether a model knows an element is decided when it is computed, not here.
 */
import { FormatError } from '@mace/core';
import { chemicalSymbol, chemicalSymbols } from '@mace/core/structure';
import { failAt, parseInteger, quoted } from './text.js';

const numberOfSymbol: ReadonlyMap<string, number> = new Map(
  chemicalSymbols.map((symbol, number) => [symbol.toLowerCase(), number]),
);

/** Mendelevium: from here on an element has no crystals, and capitals that could be its symbol are more likely two atoms. */
const firstWithoutCrystals = 101;

/** The atomic number of a symbol in any letter case, or of digits; undefined when there is no such element. */
export function elementNumber(label: string): number | undefined {
  const digits = parseInteger(label);
  if (digits !== undefined) return digits >= 0 && digits < chemicalSymbols.length ? digits : undefined;
  return numberOfSymbol.get(label.toLowerCase());
}

/** The atomic number of a symbol, with the isotopes D and T as hydrogen. */
export function isotopeNumber(symbol: string): number | undefined {
  return /^[dDtT]$/.test(symbol) ? 1 : elementNumber(symbol);
}

/**
 * The atomic number that a label such as `Fe1`, `FE1` or `O` names without doubt: a symbol in any letter case and then no letter;
 * undefined for `OW1`, `Hz`, `X1`, `12`, and for `NH3`, `NO`, `CN`, which are groups rather than Nh, No and Cn.
 */
export function labelElement(label: string): number | undefined {
  const letters = /^[A-Za-z]{1,2}(?![A-Za-z])/.exec(label)?.[0];
  const number = letters === undefined ? undefined : isotopeNumber(letters);
  if (number === 0 || (/^[A-Z]{2}/.test(label) && number! >= firstWithoutCrystals)) return undefined;
  return number;
}

/**
 * True for a label that names two elements, as of a site that they share: `Al/Si1`, `Na,K`, `Fe2+Mg`, `Fe_Mg`. What may be a place, as in
 * `C1_A`, `O1W` and `H1Na`, is none.
 */
export function namesTwo(label: string): boolean {
  const rest = /^[A-Za-z]{1,2}(?![A-Za-z])(.*)$/.exec(label)?.[1] ?? '';
  const second =
    /^[\d.+-]*[/,&;| ] *([A-Z][a-z]?)(?![a-z])/.exec(rest) ?? /^[^A-Za-z]*[^A-Za-z\d]([A-Z][a-z])(?![a-z])/.exec(rest);
  return elementNumber(second?.[1] ?? '') !== undefined;
}

/** The atomic number of a label, or a FormatError with place and remedy. */
export function requireElement(label: string, source: string, line: number): number {
  const value = elementNumber(label);
  if (value !== undefined) return value;
  const remedy =
    label === 'D' || label === 'T'
      ? 'Write H: isotopes have the same forces.'
      : 'Write a chemical symbol (H to Og), or an atomic number from 1 to 118.';
  failAt(source, line, `unknown element ${quoted(label)}. ${remedy}`);
}

/** The symbol of an atom for a format that has no dummy atoms. Throws FormatError for X; `where` names format and structure. */
export function realSymbol(number: number, where: string, atom: number): string {
  if (number !== 0) return chemicalSymbol(number);
  throw new FormatError(
    `${where}: atom ${atom + 1} is a dummy atom (X), which this format does not have. Write extended XYZ, or remove it.`,
  );
}
