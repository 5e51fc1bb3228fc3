/** Atoms that the file of a structure says may not move. */
import type { Structure } from '@mace/core/structure';
import { heldByMoveMask } from '@mace/sim';
import { notice } from './notices.js';

/** None, with a word, where it holds atoms in some directions only. */
export function heldByFile(structure: Structure): readonly number[] {
  try {
    return heldByMoveMask(structure);
  } catch (error) {
    notice('structure', 'note', `${(error as Error).message} No atom is fixed here.`);
    return [];
  }
}
