/**
 * A structure with its results as keys and columns, under mace-torch's names: `MACE_energy`, `MACE_forces`, … What stood under
 * this run's prefix before and is not of this run is not passed on; what an option replaced is not contradicted.
 */
import type { Result } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { resultNames } from '@mace/sim';

export interface ResultKeys {
  readonly prefix: string;
  readonly nodeEnergies: boolean;
  /** Under which key the model reads an input where not under its name. */
  readonly inputKeys?: Readonly<Record<string, string>>;
  /** Descriptors [atoms, width], already cut to what was asked for. */
  readonly descriptors?: { readonly values: Float64Array; readonly width: number };
}

export function withResults(structure: Structure, result: Result, keys: ResultKeys): Structure {
  const { prefix } = keys;
  const isOld = (name: string): boolean => isResultName(name, prefix);
  const info: Record<string, InfoValue> = {
    ...without(structure.info, isOld),
    ...usedOptions(structure, result, keys),
  };
  const arrays: Record<string, AtomArray> = without(structure.arrays, isOld);
  info[`${prefix}energy`] = result.energy;
  if (result.warnings.length > 0) info[`${prefix}warnings`] = result.warnings.join('; ');
  if (result.forces) arrays[`${prefix}forces`] = real(result.forces, 3);
  if (result.stress) info[`${prefix}stress`] = { shape: [3, 3], values: [...result.stress], kind: 'real' };
  // Upstream's `node_energies` of the output file leave isolated-atom energies out.
  if (keys.nodeEnergies) arrays[`${prefix}node_energies`] = real(result.interactionEnergies, 1);
  if (keys.descriptors) arrays[`${prefix}descriptors`] = real(keys.descriptors.values, keys.descriptors.width);
  return { ...structure, info, arrays };
}

/** A prefix that ends like one, `MACE_` or `run1-`, is this program's own. Others, and none, may begin names of the user's. */
function isResultName(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  return /[^\p{L}\p{N}]$/u.test(prefix) || resultNames.has(name.slice(prefix.length));
}

const multiplicities = ['spin_multiplicity', 'multiplicity'];

/** Head and inputs that options chose, in place of what the structure said of them. */
function usedOptions({ info }: Structure, { head, inputs }: Result, keys: ResultKeys): Record<string, InfoValue> {
  const used: Record<string, InfoValue> = head.from === 'option' ? { head: head.value } : {};
  for (const [name, { value, from }] of Object.entries(inputs)) {
    if (from !== 'option' || typeof value !== 'number') continue;
    const own = keys.inputKeys?.[name] ?? name;
    const others = [name, name.replace(/^total_/, ''), ...(name === 'total_spin' ? multiplicities : [])];
    const known = [own, ...others].filter((key) => Object.hasOwn(info, key));
    for (const key of known.length > 0 ? known : [own]) used[key] = value;
  }
  return used;
}

function without<T>(record: Readonly<Record<string, T>>, isOld: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !isOld(name)));
}

function real(values: Float64Array, columns: number): AtomArray {
  return { values, columns, kind: 'real' };
}
