/**
 * Irreps as a file writes them: nested tuples, objects of e3nn, or text. Out come the blocks of the core.
 */
import { FormatError } from '@mace/core';
import { parseIrreps, type IrrepBlock } from '@mace/core/equivariant';
import { PickleList, PickleObject, PickleTuple, describe, type PickleValue } from './pickle/values.js';

const mostBlocks = 1000;
const largestDegree = 20;
const largestMultiplicity = 100_000;

/** @param where - what the irreps belong to, for the message @throws FormatError */
export function irrepsOf(value: PickleValue | undefined, where: string): IrrepBlock[] {
  const blocks =
    typeof value === 'string'
      ? parseIrreps(value.slice(0, 10_000))
      : itemsOf(value, where).map((item) => blockOf(item, where));
  for (const { multiplicity, irrep } of blocks) {
    if (irrep.l > largestDegree || multiplicity > largestMultiplicity)
      throw new FormatError(
        `${where}: ${multiplicity} times degree ${irrep.l} is beyond any model. The file is damaged.`,
      );
  }
  return blocks;
}

function blockOf(item: PickleValue, where: string): IrrepBlock {
  const [multiplicity, irrep, ...none] = itemsOf(item, where);
  const [l, p] = itemsOf(irrep, where);
  if (none.length > 0 || !isCount(multiplicity) || !isCount(l) || (p !== 1 && p !== -1)) {
    throw new FormatError(
      `${where}: expected irreps (multiplicity, (degree, parity)), got ${describe(multiplicity)} and (${describe(l)}, ${describe(p)}). The file is damaged.`,
    );
  }
  return { multiplicity, irrep: { l, p } };
}

/** e3nn saves tuples of its own classes: an instance whose one argument is the tuple. */
function itemsOf(value: PickleValue | undefined, where: string): readonly PickleValue[] {
  const [only, ...more] = value instanceof PickleObject ? value.args.items : [];
  const sequence =
    value instanceof PickleObject ? (only instanceof PickleTuple && more.length === 0 ? only : value.args) : value;
  if (!(sequence instanceof PickleTuple || sequence instanceof PickleList))
    throw new FormatError(`${where}: expected irreps, got ${describe(value)}. The file is damaged.`);
  if (sequence.items.length > mostBlocks)
    throw new FormatError(`${where}: ${sequence.items.length} irreps are beyond any model. The file is damaged.`);
  return sequence.items;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
