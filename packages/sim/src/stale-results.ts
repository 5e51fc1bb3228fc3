/** What a structure says that holds only where its atoms were: results, and how they moved. */
import type { Structure } from '@mace/core/structure';

/** What ASE and mace-torch call what a calculation gives; charges and magnetic moments may be what one starts from. */
export const resultNames: ReadonlySet<string> = new Set([
  ...['energy', 'free_energy', 'energies', 'node_energy', 'node_energies', 'interaction_energy', 'contributions'],
  ...['forces', 'stress', 'stresses', 'virial', 'virials', 'atomic_stresses', 'atomic_virials', 'hessian'],
  ...['dipole', 'dipoles', 'polarizability', 'polarizabilities', 'BEC', 'BO_contributions', 'latent_charges'],
  ...['descriptors', 'energy_var', 'energy_std', 'forces_var', 'forces_std', 'stress_var', 'stress_std'],
]);

const moving = ['momenta', 'velocities'];
/** What a frame of dynamics says beside them. */
const ofDynamics = ['step', 'time', 'temperature', 'pressure'];

/** Whether a key or column is a result by the names that programs give them, such as REF_energy. */
export function isResult(name: string): boolean {
  return resultNames.has(name) || resultNames.has(name.slice(name.indexOf('_') + 1));
}

/**
 * Tells of a key or column of a structure whether it is wrong once the atoms are elsewhere: results, and
 * how atoms moved; of a structure whose atoms moved also when, and how hot it was.
 */
export function staleIn({ info, arrays }: Pick<Structure, 'info' | 'arrays'>): (name: string) => boolean {
  const isMoving = moving.some((name) => Object.hasOwn(arrays, name));
  return (name) =>
    isResult(name) || moving.includes(name) || (isMoving && Object.hasOwn(info, name) && ofDynamics.includes(name));
}
