/**
 * Energy and forces of structures, computed again and again. Neighbor lists, planning, tables and compilation are done before the clock
 * starts; several structures are one batch.
 */
import type { Calculator, EvaluateOptions, PreparedStructures } from '../calculator/index.js';
import type { Structure } from '../structure/index.js';
import { median, timed, type TimedRun } from './timing.js';

export interface BenchmarkOptions {
  /** Runs that are timed. */
  readonly repeat: number;
  readonly head?: string;
  /** Of the backend, as its `probe` says. Default 1. */
  readonly threads?: number;
  /** Told of every run, those that warm up among them. */
  readonly onRun?: (run: TimedRun) => void;
}

/** What one benchmark found. */
export interface BenchmarkFigures {
  readonly atoms: number;
  readonly edgesPerAtom: number;
  readonly usPerAtom: { readonly min: number; readonly median: number };
  readonly backend: string;
  readonly device: string;
  readonly precision: 'f64' | 'f32';
  readonly threads: number;
  /** Whether functions of distance come from tables: for all structures, some, or none. */
  readonly tables: 'all' | 'some' | 'none';
  readonly structures: number;
  readonly runs: number;
  /** Of the median run. */
  readonly atomStepsPerSecond: number;
  /** Nanoseconds of dynamics a day, one run a step of 1 fs; of the median run. */
  readonly nsPerDay: number;
}

export interface Benchmark {
  readonly figures: BenchmarkFigures;
  /** s, of each timed run */
  readonly seconds: readonly number[];
  /** What ran; the caller disposes of it. */
  readonly prepared: PreparedStructures;
}

/** @throws StructureError for structures without atoms, and what `prepare` and `run` throw */
export async function benchmark(
  calculator: Calculator,
  structures: readonly Structure[],
  { repeat, head, threads = 1, onRun }: BenchmarkOptions,
): Promise<Benchmark> {
  const asked: EvaluateOptions = { properties: ['forces'], ...(head !== undefined && { head }) };
  const prepared = await calculator.prepare(structures, asked);
  const seconds = await timed(() => prepared.run(), repeat, onRun);
  return { figures: figuresOf(calculator, prepared, structures.length, seconds, threads), seconds, prepared };
}

function figuresOf(
  { backend, device, precision }: Calculator,
  { atoms, edges, withTables }: PreparedStructures,
  structures: number,
  seconds: readonly number[],
  threads: number,
): BenchmarkFigures {
  const middle = median(seconds);
  return {
    atoms,
    edgesPerAtom: edges / atoms,
    usPerAtom: { min: (1e6 * Math.min(...seconds)) / atoms, median: (1e6 * middle) / atoms },
    backend,
    device,
    precision,
    threads,
    tables: withTables === 0 ? 'none' : withTables === structures ? 'all' : 'some',
    structures,
    runs: seconds.length,
    atomStepsPerSecond: atoms / middle,
    nsPerDay: (86400 / middle) * 1e-6,
  };
}
