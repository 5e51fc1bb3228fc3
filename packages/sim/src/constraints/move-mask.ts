/** ASE's column `move_mask`, in which files say of each atom whether it may move. */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';

/**
 * The atoms that the column holds, which may have a truth value for each direction; none where there is no such column.
 * @throws FormatError for a mask that holds an atom in some directions only
 */
export function heldByMoveMask({ numbers, arrays }: Structure): number[] {
  const mask = arrays['move_mask'];
  if (!mask) return [];
  const { kind, columns } = mask;
  const values = mask.values as readonly boolean[];
  const rows = Array.from(numbers, (_, atom) => values.slice(columns * atom, columns * (atom + 1)));
  if (kind !== 'logical' || rows.some((row) => row.some((moves) => moves !== row[0])))
    throw new FormatError('the column move_mask says which atoms may move, and not whether each may as a whole.');
  return rows.flatMap(([moves], atom) => (moves ? [] : [atom]));
}

/** A structure whose column says that these atoms stay. */
export function withMoveMask(structure: Structure, held: readonly number[]): Structure {
  const stays = new Set(held);
  const values = Array.from(structure.numbers, (_, atom) => !stays.has(atom));
  return { ...structure, arrays: { ...structure.arrays, move_mask: { kind: 'logical', columns: 1, values } } };
}
