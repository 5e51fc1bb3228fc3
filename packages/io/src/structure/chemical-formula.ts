/** Chemical sums as CIF writes them (`C H4 O2`, `(Na Cl)2`), and as people read them. */
import { chemicalSymbol } from '@mace/core/structure';
import { isotopeNumber } from './element-label.js';

/** How many atoms of each element, by atomic number. */
export type Composition = ReadonlyMap<number, number>;

const partPattern = /([A-Z][a-z]?)\s*(\d+(?:\.\d*)?|\.\d+)?/y;

/** A formula without brackets; undefined when it is none. Deuterium and tritium are hydrogen; a charge at the end is no atom. */
export function parseFormula(text: string): Composition | undefined {
  const atoms = text.trim().replace(/\s+\d*[+-]$/, '');
  const counts = new Map<number, number>();
  for (let at = 0; at < atoms.length; at = partPattern.lastIndex) {
    partPattern.lastIndex = at;
    const found = partPattern.exec(atoms);
    if (found === null) return undefined;
    const [, symbol = '', count = '1'] = found;
    const number = isotopeNumber(symbol);
    if (number === undefined || number === 0) return undefined;
    counts.set(number, (counts.get(number) ?? 0) + Number(count));
    while (/[\s,]/.test(atoms.charAt(partPattern.lastIndex))) partPattern.lastIndex++;
  }
  return counts.size === 0 ? undefined : counts;
}

/** Parts as `_chemical_formula_moiety` has them, `Na 1+, Cl 1-`, `2(C H4), H2 O`; undefined where one is not understood. */
export function parseMoieties(text: string): Composition | undefined {
  const counts = new Map<number, number>();
  for (const part of text.split(',')) {
    const [, times = '1', inner, plain = ''] = /^\s*(\d+(?:\.\d+)?)?\s*(?:\(([^()]*)\)|([^()]*?))\s*$/.exec(part) ?? [];
    const atoms = parseFormula(inner ?? plain);
    if (atoms === undefined) return undefined;
    for (const [number, count] of atoms) counts.set(number, (counts.get(number) ?? 0) + Number(times) * count);
  }
  return counts;
}

/** The composition of atoms [atoms]. */
export function compositionOf(numbers: Iterable<number>): Composition {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}

/** `C2 H6 O1`, carbon and hydrogen first (Hill's order). */
export function formulaText(composition: Composition): string {
  const order = (number: number): string =>
    composition.has(6) && number === 6 ? '0' : composition.has(6) && number === 1 ? '1' : chemicalSymbol(number);
  return [...composition]
    .sort(([a], [b]) => (order(a) < order(b) ? -1 : 1))
    .map(([number, count]) => `${chemicalSymbol(number)}${Number(count.toFixed(3))}`)
    .join(' ');
}
