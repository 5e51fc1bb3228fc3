/** What trials of backends are asked and answer: the conformance kit, and the clock. */
import type { CaseResult } from '@mace/conformance';
import type { BenchmarkFigures, TimedRun } from '@mace/core/benchmark';
import type { Structure } from '@mace/core/structure';
import type { BackendName } from './backend-list.js';

export interface ConformInput {
  readonly backend: BackendName;
  readonly precision: 'f64' | 'f32';
  /** Patterns of cases; null is the whole kit. */
  readonly only: readonly string[] | null;
}

export interface ConformEvent {
  readonly done: number;
  readonly total: number;
  readonly result: CaseResult;
}

export interface BenchInput {
  readonly backend: BackendName;
  readonly precision: 'f64' | 'f32';
  /** Functions of distance from tables. */
  readonly tables: boolean;
  readonly structures: readonly { readonly name: string; readonly structure: Structure }[];
  /** Runs that are timed. */
  readonly repeat: number;
}

/** On the way: what is timed now, and each run of it. */
export interface BenchEvent {
  readonly name: string;
  readonly run: TimedRun | null;
}

export interface BenchResult {
  readonly name: string;
  readonly figures: BenchmarkFigures;
  /** s, of all that comes before the second run: neighbor lists, planning, compilation. */
  readonly firstSeconds: number;
  /** s, of each timed run */
  readonly seconds: readonly number[];
}
