/** Atoms that the file of a structure says may not move. */
import type { Structure } from '@mace/core/structure';
import { heldByMoveMask } from '@mace/sim';
import { notice } from './notices.js';

/** Those that it holds in all directions; the others are said. */
export function heldByFile(structure: Structure): readonly number[] {
  try {
    return heldByMoveMask(structure);
  } catch (error) {
    const { kind, columns, values } = structure.arrays['move_mask']!;
    if (kind !== 'logical') {
      notice('structure', 'note', `${(error as Error).message} No atom is fixed here.`);
      return [];
    }
    const atoms = [...structure.numbers.keys()];
    const directions = (atom: number): readonly boolean[] =>
      (values as readonly boolean[]).slice(columns * atom, columns * (atom + 1));
    const held = atoms.filter((atom) => !directions(atom).includes(true));
    const partly = atoms.filter((atom) => directions(atom).includes(false)).length - held.length;
    const text = `The file lets ${partly} ${partly === 1 ? 'atom' : 'atoms'} move in some directions only: here ${partly === 1 ? 'it is' : 'they are'} free in all.`;
    notice('structure', 'note', text);
    return held;
  }
}
