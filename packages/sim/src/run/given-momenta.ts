/** Momenta that a file gives its atoms: `momenta` as ASE writes them, or `velocities` in Å/fs. */
import { StructureError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { femtosecond } from '../units.js';

/**
 * √(u·eV) [atoms 3], or null where there are none, or all are zero.
 * @param masses - [atoms], u
 * @throws StructureError for columns that are no such numbers
 */
export function givenMomenta(structure: Structure, masses: Float64Array): Float64Array | null {
  const momenta = numbersOf(structure, 'momenta');
  if (momenta) return momenta;
  const velocities = numbersOf(structure, 'velocities');
  return velocities && velocities.map((velocity, i) => (velocity / femtosecond) * masses[Math.floor(i / 3)]!);
}

/** Whether a structure has momenta or velocities that are not all zero, whatever they are. */
export function hasMomenta({ arrays }: Structure): boolean {
  return ['momenta', 'velocities'].some((name) => arrays[name]?.values.some((value) => value !== 0));
}

function numbersOf({ arrays, numbers }: Structure, name: string): Float64Array | null {
  const array = arrays[name];
  if (array === undefined) return null;
  const { values, columns } = array;
  if (!(values instanceof Float64Array) || columns !== 3 || values.length !== 3 * numbers.length)
    throw new StructureError(
      `${name}: expected three numbers for each of ${numbers.length} atoms; found ${columns} of the kind ${array.kind}.`,
    );
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new StructureError(`${name} of atom ${Math.floor(wrong / 3)}: ${values[wrong]} is no number to begin with.`);
  return values.some((value) => value !== 0) ? values : null;
}
