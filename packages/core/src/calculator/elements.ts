/** Elements that the caller of a calculator fixed. */
import { StructureError, UnsupportedError } from '../errors.js';
import type { MaceConfig } from '../model/index.js';
import { atomicNumber, chemicalSymbol, type Structure } from '../structure/index.js';

/** Atomic numbers of elements by number or symbol. @throws UnsupportedError for one that the model does not cover */
export function chosenElements({ atomicNumbers }: MaceConfig, given: readonly (number | string)[]): number[] {
  if (!Array.isArray(given))
    throw new UnsupportedError('option', "elements: expected a list of numbers or symbols, such as ['H', 8].");
  const numbers = given.map((element) => (typeof element === 'string' ? atomicNumber(element) : element));
  numbers.forEach((number, i) => {
    if (!atomicNumbers.includes(number))
      throw new UnsupportedError(
        'model',
        `elements: the model does not cover ${given[i]}. It covers ${symbolsOf(atomicNumbers)}; choose among these.`,
      );
  });
  if (numbers.length === 0)
    throw new UnsupportedError('model', 'elements: none are given. Give some, or leave them out.');
  return [...new Set(numbers)];
}

/** Where elements are in a model, ascending. */
export function indicesOf({ atomicNumbers }: MaceConfig, elements: readonly number[]): number[] {
  return [...new Set(elements)].map((number) => atomicNumbers.indexOf(number)).sort((a, b) => a - b);
}

/** @throws StructureError for an atom of another element */
export function requireElements({ numbers }: Structure, elements: readonly number[]): void {
  const atom = numbers.findIndex((number) => !elements.includes(number));
  if (atom < 0) return;
  throw new StructureError(
    `Element that the option elements leaves out, at atom ${atom}. Expected one of ${symbolsOf(elements)}, found ${chemicalSymbol(numbers[atom]!)} (${numbers[atom]}). Add it to the option, or leave the option out.`,
  );
}

function symbolsOf(elements: readonly number[]): string {
  return [...elements]
    .sort((a, b) => a - b)
    .map(chemicalSymbol)
    .join(' ');
}
