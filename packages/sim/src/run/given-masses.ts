/** Masses that a file gives its atoms: the column `masses`, in u, as ASE writes it for isotopes. */
import { StructureError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { massesOf } from '../units.js';

/** Those of the file, else those of the elements [atoms], u. @throws StructureError for a column that is no such numbers */
export function givenMasses({ arrays, numbers }: Structure): Float64Array {
  const array = arrays['masses'];
  if (array === undefined) return massesOf(numbers);
  const { values, columns, kind } = array;
  if (kind === 'logical' || kind === 'text' || columns !== 1)
    throw new StructureError(`masses: expected a number for each atom, in u; found ${columns} of the kind ${kind}.`);
  const masses = Float64Array.from(values as ArrayLike<number>);
  const wrong = masses.findIndex((mass) => !(mass > 0 && Number.isFinite(mass)));
  if (wrong >= 0)
    throw new StructureError(`masses: atom ${wrong} has ${masses[wrong]}; expected numbers above 0, in u.`);
  return masses;
}
