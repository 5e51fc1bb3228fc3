/**
 * Whether a fast calculator does for a structure: its first frames are computed again by an exact one, in float64 and without tables.
 */
import type { Calculator, InputOptions } from '@mace/core';
import type { Structure } from '@mace/core/structure';

export interface GateOptions {
  /** Of the same model, in float64 and without tables. */
  readonly calculator: Calculator;
  /** What happens to a run that is too far from it: it ends, or goes on with the exact calculator. Default `stop`. */
  readonly otherwise?: 'stop' | 'exact';
  /** How many frames are computed again. Default 20. */
  readonly frames?: number;
}

/** How far a frame is from the exact one: the largest of each kind. */
export interface Distance {
  /** eV an atom */
  readonly energy: number;
  /** eV/Å, of one component */
  readonly forces: number;
  /** eV/Å³, of one component; null where there is no stress */
  readonly stress: number | null;
}

/** What float32 with tables may differ by from float64: the limits that all backends are held to. */
export const ceilings = { energy: 2e-5, forces: 5e-4, stress: 5e-6 } as const;

export interface Computed {
  readonly structure: Structure;
  readonly energy: number;
  readonly forces: ArrayLike<number>;
  readonly stress: ArrayLike<number> | null;
}

/** @throws what `Calculator.evaluate` throws */
export async function distanceFromExact(
  calculator: Calculator,
  computed: Computed,
  inputs: InputOptions,
): Promise<Distance> {
  const exact = await calculator.evaluate(computed.structure, { ...inputs, properties: ['forces', 'stress'] });
  return {
    energy: Math.abs(computed.energy - exact.energy) / Math.max(1, exact.atoms),
    forces: largestDifference(computed.forces, exact.forces!),
    stress: computed.stress && exact.stress ? largestDifference(computed.stress, exact.stress) : null,
  };
}

/** Which ceilings a frame is beyond, in words, or null. */
export function beyondCeilings({ energy, forces, stress }: Distance): string | null {
  const found = [
    [energy, ceilings.energy, 'eV an atom in the energy'],
    [forces, ceilings.forces, 'eV/Å in a force'],
    [stress ?? 0, ceilings.stress, 'eV/Å³ in the stress'],
  ] as const;
  const beyond = found.filter(([value, ceiling]) => !(value <= ceiling));
  if (beyond.length === 0) return null;
  return beyond.map(([value, ceiling, what]) => `${value.toExponential(1)} ${what} (limit ${ceiling})`).join(', ');
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < b.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return a.length === b.length && !Number.isNaN(most) ? most : Infinity;
}
