/** What the report of tables says, and what must be true of it (decision 7 of the design). */
import type { TableReport } from '@mace/core/planner';

interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Differences over frames: eV/atom, and the largest of a component in eV/Å. */
interface Differences {
  readonly energy: Percentiles;
  readonly forces: Percentiles;
}

/** With the root mean square over all components of forces, eV/Å. */
interface AllDifferences extends Differences {
  readonly rms: number;
}

export interface TablesReport {
  readonly model: string;
  readonly structures: string;
  readonly frames: number;
  readonly atoms: number;
  /** Groups of elements, each planned by itself. */
  readonly groups: number;
  /** eV/Å. */
  readonly rmsForce: number;
  readonly device: string;
  readonly runtime: string;
  readonly date: string;
  readonly gates: typeof gates;
  /** The backend without tables against the reference, in float64. */
  readonly reference: Differences & { readonly frames: number };
  /** Tables against none, in float64. */
  readonly f64: AllDifferences & { readonly worstFrame: number };
  /** Float32, with and without tables, against float64 without. */
  readonly f32: { readonly tables: AllDifferences; readonly exact: AllDifferences };
  readonly tables: { readonly f64: readonly TableReport[]; readonly f32: readonly TableReport[] };
}

export const gates = {
  reference: { energy: 1e-9, forces: 1e-8 },
  f64: { energy: 1e-8, forces: 1e-7 },
  /** Errors of tables below those of rounding: at most as much again as float32 has without them, added as squares. */
  f32: { rmsOverExact: Math.SQRT2 },
} as const;

/** What of a report is not within the gates. */
export function problemsOf({ frames, reference, f64, f32 }: TablesReport): string[] {
  const problems: string[] = [];
  const want = (what: string, value: number, limit: number): void => {
    // Not a number is a problem too.
    if (!(value <= limit)) problems.push(`${what}: ${value}, more than ${limit}`);
  };
  if (!(frames > 0 && reference.frames > 0)) problems.push('no frames');
  want('reference, energy', reference.energy.max, gates.reference.energy);
  want('reference, forces', reference.forces.max, gates.reference.forces);
  want('f64 tables, energy', f64.energy.max, gates.f64.energy);
  want('f64 tables, forces', f64.forces.max, gates.f64.forces);
  want('f32 tables, forces over f32 without', f32.tables.rms / f32.exact.rms, gates.f32.rmsOverExact);
  return problems;
}
