/** What `mace bench` measures, for backends one after another, each in a worker that ends with it. */
import { signal } from '@preact/signals';
import { backendEntry, type BackendName } from '../engine/backend-list.js';
import { Engine } from '../engine/engine.js';
import type { BenchEvent, BenchResult } from '../engine/trial-messages.js';
import { repeat } from '../files/edit-structure.js';
import { gallery } from '../files/gallery.js';
import { chosenBackends, runnable, type Precision } from './chosen.js';

const ofGallery = (name: string) => gallery.find((one) => one.name === name)!;
const ice = ofGallery('Ice');

/** What is timed: the structures of `npm run bench -- bundled`. */
export const timedStructures = [
  ofGallery('Ethanol'),
  ice,
  { name: 'Ice, 4 cells', structure: repeat(ice.structure, [2, 2, 1]) },
];

export interface SpeedRun {
  readonly backend: BackendName;
  readonly precision: Precision;
  readonly tables: boolean;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  readonly text: string;
  readonly results: readonly BenchResult[];
  readonly failure: string | null;
}

export const chosen = chosenBackends(['wasm', 'webgpu']);
export const tables = signal(true);
export const repeats = signal(5);
export const speedRuns = signal<readonly SpeedRun[]>([]);
export const isTiming = signal(false);

let current: Engine | null = null;
let isStopped = false;

/** Begins anew with what is chosen. */
export async function runSpeed(): Promise<void> {
  if (isTiming.value) return;
  isTiming.value = true;
  isStopped = false;
  const { precision } = chosen.value;
  speedRuns.value = runnable(chosen.value).map((backend) => ({
    backend,
    precision,
    tables: tables.value,
    status: 'waiting',
    text: 'waits for its turn',
    results: [],
    failure: null,
  }));
  for (const run of speedRuns.value) {
    if (isStopped) change(run.backend, { status: 'stopped', text: 'did not run' });
    else await time(run);
  }
  isTiming.value = false;
}

/** Ends the worker at once; what was measured before stays. */
export function stopSpeed(): void {
  isStopped = true;
  current?.end('stopped');
}

async function time({ backend, precision, tables }: SpeedRun): Promise<void> {
  const engine = (current = new Engine());
  change(backend, { status: 'running', text: 'loading its engine' });
  try {
    // Structure by structure, so that what is done is seen.
    for (const one of timedStructures) {
      const told = watch(backend);
      const input = { backend, precision, tables, structures: [one], repeat: repeats.value };
      const results = await engine.begin('bench', input, told).done;
      change(backend, { results: [...resultsOf(backend), ...results] });
    }
    change(backend, { status: 'done', text: '' });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    change(backend, isStopped ? { status: 'stopped', text: 'stopped' } : { status: 'failed', text: '', failure });
  } finally {
    engine.end('done');
    current = null;
  }
}

function watch(backend: BackendName): (event: BenchEvent) => void {
  let count = 0;
  return ({ name, run }) => {
    if (run?.phase === 'timed') count++;
    const now = !run
      ? 'the first run, which compiles'
      : run.phase === 'warm-up'
        ? 'warms up'
        : `run ${count} of ${repeats.value}`;
    change(backend, { text: `${name}: ${now}` });
  };
}

function resultsOf(backend: BackendName): readonly BenchResult[] {
  return speedRuns.value.find((one) => one.backend === backend)!.results;
}

function change(backend: BackendName, next: Partial<SpeedRun>): void {
  speedRuns.value = speedRuns.value.map((one) => (one.backend === backend ? { ...one, ...next } : one));
}

/** What was measured as the file that `benchmarks/results` has of it. */
export function speedFile(runs: readonly SpeedRun[]): string {
  const { userAgent, hardwareConcurrency } = navigator;
  const result = {
    benchmark: 'bundled',
    date: new Date().toISOString().slice(0, 10),
    device: `${hardwareConcurrency} logical cores`,
    runtime: userAgent,
    rows: runs.flatMap(({ backend, results }) =>
      results.map(({ name, figures, firstSeconds, seconds }) => ({
        structure: name,
        ...figures,
        backend: backendEntry(backend).name,
        firstSeconds,
        seconds,
      })),
    ),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
