/** Momenta that the file of a structure gives its atoms. */
import { structureMasses, type Structure } from '@mace/core/structure';
import { givenMomenta } from '@mace/sim';
import { notice } from './notices.js';

/** √(u·eV) [atoms 3], with a word that dynamics begin with them; null where there are none, with a word where they are no numbers. */
export function momentaOfFile(structure: Structure): Float64Array | null {
  try {
    const momenta = givenMomenta(structure, structureMasses(structure));
    if (momenta) notice('run', 'note', 'Dynamics began with the velocities of the file.');
    return momenta;
  } catch (error) {
    notice('run', 'note', `${(error as Error).message} Velocities were drawn.`);
    return null;
  }
}
