/** Atoms that an observer looks at: all, or those of an element. */
import { StructureError } from '@mace/core';
import { atomicNumber, chemicalSymbol } from '@mace/core/structure';
import type { Frame } from './observer.js';

/**
 * Indices of the atoms of an element; of all where none is named.
 * @throws StructureError where there are none, with the elements that there are
 */
export function chosenAtoms(spelling: string, { numbers }: Frame, element?: string): Int32Array {
  const all = Int32Array.from(numbers, (_, atom) => atom);
  const chosen = element === undefined ? all : all.filter((atom) => numbers[atom] === atomicNumber(element));
  if (chosen.length > 0) return chosen;
  const present = [...new Set(Array.from(numbers))].map(chemicalSymbol).join(', ');
  throw new StructureError(
    `${spelling}: the structure has no ${element === undefined ? 'atoms' : `${element}; its elements are ${present}`}. Observe atoms that it has.`,
  );
}
