/** How exact tables of functions of distance are, and from which distance on they hold. */

/** When a table is good enough. */
export interface TableGate {
  /** Å: smallest distance that a table holds for, and the cutoff. */
  readonly range: readonly [number, number];
  /** Largest error of a value, as a fraction of the largest value of the table. */
  readonly valueError: number;
  /** Largest error of a slope, as a fraction of the largest slope. */
  readonly slopeError: number;
  /** Of the polynomials. A higher one makes fewer intervals. Default {@link usualDegree}. */
  readonly degree?: number;
  /** Of a group of edges. Default {@link mostIntervals}. */
  readonly mostIntervals?: number;
  /** Largest number of values that a table may hold. Default {@link mostValues}. */
  readonly mostValues?: number;
}

export const usualDegree = 4;
export const mostIntervals = 16384;
export const mostValues = 2 ** 26;

/** Å: nothing is nearer in what people compute, but for collisions and mistakes, which are computed without tables. */
const shortest = 0.4;

/**
 * For 1e-8 eV/atom and 1e-7 eV/Å in f64, and less than rounding in f32. Slopes decide: hydrogens 0.7 Å apart, with forces of
 * 10 eV/Å, feel most of the largest error of a slope.
 */
const errors = {
  f64: { valueError: 1e-9, slopeError: 4e-9, degree: 6 },
  f32: { valueError: 2e-7, slopeError: 2e-6, degree: 4 },
} as const;

/** The gate that calculators use. @param cutoff - Å */
export function tableGate(precision: 'f64' | 'f32', cutoff: number): TableGate {
  return { ...errors[precision], range: [shortest, cutoff] };
}
