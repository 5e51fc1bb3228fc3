/** What a run found, as JSON: made to be committed, merged with those of other machines, and read by programs. */
import type { SuiteName } from '../case.js';
import type { Measured, Problem } from '../case.js';
import type { TestedPrecision } from '../tolerance.js';
import type { Configuration } from '../subject.js';

export interface CaseResult {
  readonly path: string;
  readonly status: 'passed' | 'failed' | 'limited' | 'unavailable';
  /** Largest error as a fraction of its tolerance. */
  readonly worst: number | null;
  readonly problems: readonly Problem[];
  /** Why the case does not apply. */
  readonly unavailable?: string;
  readonly measured?: Measured;
  readonly seconds: number;
}

export interface Counts {
  passed: number;
  failed: number;
  limited: number;
  unavailable: number;
}

export interface SuiteSummary extends Counts {
  /** Largest error of the suite as a fraction of its tolerance. */
  worst: number | null;
}

export interface Report extends Counts {
  /** Version of the kit. */
  readonly kit: string;
  readonly contract: 1 | 2;
  readonly backend: string;
  readonly device: string;
  /** Where it ran: `Node 20.19.2, linux x64`, or the browser. */
  readonly runtime: string;
  readonly precision: TestedPrecision;
  readonly configuration: Configuration;
  /** Day on which it ran, YYYY-MM-DD. */
  readonly date: string;
  readonly seconds: number;
  /** What was selected; null for everything but `soak`. */
  readonly only: readonly string[] | null;
  /** Why nothing ran. */
  readonly absent?: { readonly reason: string; readonly remedy?: string };
  readonly suites: Readonly<Partial<Record<SuiteName, SuiteSummary>>>;
  /** Largest errors over all models: against the reference, and under rotations and reflections. */
  readonly errors: { readonly reference: Measured; readonly rotation: Measured };
  /** Why cases do not apply to this backend in this precision, and how many for each reason. */
  readonly unavailableBecause?: Readonly<Record<string, number>>;
  /** Hash of the sources that ran, where who made the report knows it. */
  readonly sources?: string;
  /** All cases that did not simply pass, and the ten slowest. */
  readonly notable: readonly CaseResult[];
}

/** Counts per suite. */
export function summarize(results: readonly CaseResult[]): Partial<Record<SuiteName, SuiteSummary>> {
  const suites: Partial<Record<SuiteName, SuiteSummary>> = {};
  for (const { path, status, worst } of results) {
    const name = path.split('/')[0] as SuiteName;
    const suite = (suites[name] ??= { passed: 0, failed: 0, limited: 0, unavailable: 0, worst: null });
    suite[status]++;
    // JSON has no infinity, and a NaN in a result is infinitely wrong.
    if (worst !== null) suite.worst = Math.min(Number.MAX_VALUE, Math.max(suite.worst ?? 0, worst));
  }
  return suites;
}

export function countsOf(results: readonly CaseResult[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, limited: 0, unavailable: 0 };
  for (const { status } of results) counts[status]++;
  return counts;
}

/** The larger of each number. */
export function largestMeasured(all: readonly (Measured | undefined)[]): Measured {
  const largest: { energy?: number; forces?: number; stress?: number } = {};
  for (const one of all) {
    for (const key of ['energy', 'forces', 'stress'] as const) {
      const value = one?.[key];
      if (value !== undefined) largest[key] = Math.max(largest[key] ?? 0, value);
    }
  }
  return largest;
}
