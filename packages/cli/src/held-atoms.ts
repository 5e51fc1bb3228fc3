/** Atoms that stay where they are: as `--fixed` names them, or the file. */
import { FormatError } from '@mace/core/errors';
import type { Structure } from '@mace/core/structure';
import { heldByMoveMask } from '@mace/sim';
import { chosenAtoms, type AtomChoice } from './chosen-atoms.js';

/** The atoms that may not move: those that `--fixed` names, else those that ASE's column `move_mask` holds. @throws FormatError */
export function heldAtoms(structure: Structure, fixed: AtomChoice | undefined): number[] {
  if (fixed) return chosenAtoms('--fixed', fixed, structure);
  try {
    return heldByMoveMask(structure);
  } catch (error) {
    throw new FormatError(`${(error as Error).message} Name those that stay with --fixed.`, { cause: error });
  }
}
