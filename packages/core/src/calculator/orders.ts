/** Orders of computation, as the caller gives them. */
import { StructureError } from '../errors.js';
import type { Structure } from '../structure/index.js';

/** An order of all atoms as one for each structure. @throws StructureError */
export function ordersOf(structures: readonly Structure[], order: Int32Array): Int32Array[] {
  let first = 0;
  const orders = structures.map(({ numbers }) => {
    const own = order.slice(first, first + numbers.length).map((atom) => atom - first);
    if (new Set(own).size !== numbers.length || own.some((atom) => atom < 0 || atom >= numbers.length))
      throw new StructureError(
        `bind: the order of atoms ${first} to ${first + numbers.length - 1} does not have each of them once. Give the \`order\` of a system of the same structures.`,
      );
    first += numbers.length;
    return own;
  });
  if (order.length !== first)
    throw new StructureError(`bind: an order of ${order.length} atoms for ${first}. Give that of the same structures.`);
  return orders;
}
