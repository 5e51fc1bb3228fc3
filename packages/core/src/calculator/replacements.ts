/** Structures that are to be put in the place of others, by their numbers. */
import { StructureError } from '../errors.js';
import { validateStructure, type Structure } from '../structure/index.js';
import { snapshotOf } from './snapshot.js';

/** Copies, as they are at the call. @param count - of the structures of the system @throws StructureError */
export function replacementsOf(given: unknown, count: number): ReadonlyMap<number, Structure> {
  if (!(given instanceof Map))
    throw new StructureError('replace: expected structures by their numbers: new Map([[2, structure]]).');
  const taken = new Map<number, Structure>();
  for (const [number, structure] of given as ReadonlyMap<number, Structure>) {
    if (!Number.isInteger(number) || number < 0 || number >= count)
      throw new StructureError(`replace: there is no structure ${number}; there are ${count}, from 0 on.`);
    validateStructure(structure);
    taken.set(number, snapshotOf(structure));
  }
  return taken;
}
