/** How far results of one calculation are from those of another. */
import { createCalculator, type BackendDefinition, type MaceModel, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';

export interface Difference {
  /** eV/atom. */
  readonly energy: number;
  /** Largest of a component, eV/Å. */
  readonly forces: number;
  /** Sum of squares over all components, eV²/Å². */
  readonly squares: number;
  readonly components: number;
}

export interface How {
  readonly backend: BackendDefinition;
  readonly precision: 'f64' | 'f32';
  readonly tables: boolean;
  /** Default true. */
  readonly plan?: boolean;
}

/** Energies and forces of structures as one batch. @throws Error where tables were asked for and not used, or the other way */
export async function evaluate(model: MaceModel, structures: readonly Structure[], how: How): Promise<Result[]> {
  const calculator = await createCalculator({ model, ...how, batchAtoms: 1e6 });
  try {
    const results = await calculator.evaluateAll(structures, { properties: ['forces'] });
    const other = results.findIndex(({ tables, edges }) => tables !== how.tables && edges > 0);
    if (other >= 0) throw new Error(`structure ${other} was computed ${how.tables ? 'without' : 'with'} tables.`);
    return results;
  } finally {
    await calculator.dispose();
  }
}

/** Of each structure. */
export function differences(found: readonly Result[], wanted: readonly Result[]): Difference[] {
  return found.map((result, i) => {
    const expected = wanted[i]!;
    const errors = result.forces!.map((force, k) => force - expected.forces![k]!);
    return {
      energy: Math.abs(result.energy - expected.energy) / result.atoms,
      forces: errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0),
      squares: errors.reduce((sum, error) => sum + error * error, 0),
      components: errors.length,
    };
  });
}

/** Root of the mean square over all components of all structures. */
export function rootMeanSquare(all: readonly Pick<Difference, 'squares' | 'components'>[]): number {
  const total = (of: 'squares' | 'components'): number => all.reduce((sum, one) => sum + one[of], 0);
  return Math.sqrt(total('squares') / total('components'));
}

/** Percentiles over structures. Not a number counts as largest. */
export function percentiles(values: readonly number[]): { p50: number; p90: number; p99: number; max: number } {
  const sorted = values.map((x) => (Number.isNaN(x) ? Infinity : x)).sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
