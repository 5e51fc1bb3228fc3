/** Orders of computation, as the caller gives them. */
import { StructureError } from '../errors.js';
import type { Structure } from '../structure/index.js';

/** An order of all atoms, perhaps one that was saved as a list, as one for each structure. @throws StructureError */
export function ordersOf(structures: readonly Structure[], given: ArrayLike<number>): Int32Array[] {
  const order = Array.from(given);
  let first = 0;
  const orders = structures.map(({ numbers }) => {
    const own = order.slice(first, first + numbers.length).map((atom) => atom - first);
    const isPlace = (atom: number): boolean => Number.isInteger(atom) && atom >= 0 && atom < numbers.length;
    if (new Set(own).size !== numbers.length || !own.every(isPlace))
      throw new StructureError(
        `bind: the order of atoms ${first} to ${first + numbers.length - 1} does not have each of them once. Give the \`order\` of a system of the same structures.`,
      );
    first += numbers.length;
    return Int32Array.from(own);
  });
  if (order.length !== first)
    throw new StructureError(`bind: an order of ${order.length} atoms for ${first}. Give that of the same structures.`);
  return orders;
}
