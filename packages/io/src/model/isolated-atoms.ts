/** The energies of isolated atoms that a model carries (E0), by head and atomic number. */
import type { MaceModel } from '@mace/core';

/** Head → atomic number → energy in eV. */
export function isolatedAtomEnergies({ config, weights }: MaceModel): Record<string, Record<number, number>> {
  const energies = Object.hasOwn(weights, 'atomic_energies_fn.atomic_energies')
    ? weights['atomic_energies_fn.atomic_energies']!.data
    : [];
  const row = (head: number): [number, number][] =>
    config.atomicNumbers.map((z, i) => [z, energies[head * config.atomicNumbers.length + i] ?? NaN]);
  return Object.fromEntries(config.heads.map((head, h) => [head, Object.fromEntries(row(h))]));
}
