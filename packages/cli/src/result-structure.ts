/** A structure with its results as keys and columns, under mace-torch's names: `MACE_energy`, `MACE_forces`, … */
import type { Result } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';

export interface ResultKeys {
  readonly prefix: string;
  readonly nodeEnergies: boolean;
  /** Descriptors [atoms, width], already cut to what was asked for. */
  readonly descriptors?: { readonly values: Float64Array; readonly width: number };
}

export function withResults(structure: Structure, result: Result, keys: ResultKeys): Structure {
  const { prefix } = keys;
  const info: Record<string, InfoValue> = { ...structure.info, [`${prefix}energy`]: result.energy };
  if (result.warnings.length > 0) info[`${prefix}warnings`] = result.warnings.join('; ');
  const arrays: Record<string, AtomArray> = { ...structure.arrays };
  if (result.forces) arrays[`${prefix}forces`] = real(result.forces, 3);
  if (result.stress) info[`${prefix}stress`] = { shape: [3, 3], values: [...result.stress], kind: 'real' };
  // Upstream's `node_energies` of the output file leave isolated-atom energies out.
  if (keys.nodeEnergies) arrays[`${prefix}node_energies`] = real(result.interactionEnergies, 1);
  if (keys.descriptors) arrays[`${prefix}descriptors`] = real(keys.descriptors.values, keys.descriptors.width);
  return { ...structure, info, arrays };
}

function real(values: Float64Array, columns: number): AtomArray {
  return { values, columns, kind: 'real' };
}
