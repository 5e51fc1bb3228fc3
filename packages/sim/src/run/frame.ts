/** What a run says of one structure at one step, and how it stands in a trajectory. */
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { volumeOf } from '@mace/core/structure';

/** Arrays are the frame's own. */
export interface Frame {
  /** Which structure of the input, from 0 on. */
  readonly index: number;
  readonly step: number;
  /** fs */
  readonly time: number;
  /** Where atoms are, in the cell of now; of what the input said of it with what the model reads, and nothing else. */
  readonly structure: Structure;
  /** √(u·eV) [atoms 3] */
  readonly momenta: Float64Array;
  /** u [atoms] */
  readonly masses: Float64Array;
  /** eV/Å [atoms 3] */
  readonly forces: Float64Array;
  /** Potential energy, eV. */
  readonly energy: number;
  /** eV */
  readonly kineticEnergy: number;
  /** What the ensemble keeps but for the error of the time step, eV. */
  readonly conserved: number;
  /** K */
  readonly temperature: number;
  /** Of the potential alone, without what moves or what constraints do [3 3], eV/Å³, positive under tension; null where not all directions are periodic. */
  readonly stress: Float64Array | null;
  /** GPa, as a barostat sees it: `Dynamics.pressures`; null where not all directions are periodic, and where something else holds atoms that have bonds. */
  readonly pressure: number | null;
}

/** A structure that goes no farther. */
export interface Stopped {
  readonly index: number;
  readonly error: Error;
}

/** Å³, or null where not all directions are periodic. */
export function volumeOfFrame({ structure: { cell, pbc } }: Frame): number | null {
  return cell && pbc.every(Boolean) ? volumeOf(cell) : null;
}

/** g/cm³, or null where not all directions are periodic. */
export function densityOfFrame(frame: Frame): number | null {
  const volume = volumeOfFrame(frame);
  const mass = frame.masses.reduce((sum, one) => sum + one, 0);
  // 1 u/Å³, CODATA 2014.
  return volume === null ? null : (mass / volume) * 1.66053904;
}

/** eV/Å: the largest force on an atom. */
export function largestForceOfFrame({ forces }: Frame): number {
  let most = 0;
  for (let i = 0; i < forces.length; i += 3)
    most = Math.max(most, Math.hypot(forces[i]!, forces[i + 1]!, forces[i + 2]!));
  return most;
}

/** A frame with its results under the names of ASE, as extended XYZ has them: `energy`, `forces`, `stress`, `momenta`. */
export function trajectoryStructure(frame: Frame): Structure {
  const { structure, step, time, energy, temperature, stress, momenta, forces } = frame;
  const info: Record<string, InfoValue> = { ...structure.info, step, time, energy, temperature };
  if (stress) info['stress'] = { shape: [3, 3], values: [...stress], kind: 'real' };
  const arrays: Record<string, AtomArray> = {
    ...structure.arrays,
    momenta: { values: momenta, columns: 3, kind: 'real' },
    forces: { values: forces, columns: 3, kind: 'real' },
  };
  const { numbers, positions, cell, pbc } = structure;
  return { numbers, positions, cell, pbc, info, arrays };
}
