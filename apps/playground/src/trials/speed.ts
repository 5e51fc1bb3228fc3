/** What `mace bench` measures, for several backends. */
import { signal } from '@preact/signals';
import { backendEntry, type BackendName } from '../engine/backend-list.js';
import type { Engine } from '../engine/engine.js';
import type { BenchEvent, BenchResult } from '../engine/trial-messages.js';
import { repeat } from '../files/edit-structure.js';
import { gallery } from '../files/gallery.js';
import { chosenBackends } from './chosen.js';
import { inTurn, type Turn } from './in-turn.js';

const ofGallery = (name: string) => gallery.find((one) => one.name === name)!;
const ice = ofGallery('Ice');

/** What is timed: the structures of `npm run bench -- bundled`. */
export const timedStructures = [
  ofGallery('Ethanol'),
  ice,
  { name: 'Ice, 4 cells', structure: repeat(ice.structure, [2, 2, 1]) },
];

export interface SpeedRun extends Turn {
  readonly tables: boolean;
  readonly results: readonly BenchResult[];
}

export const chosen = chosenBackends(['wasm', 'webgpu']);
export const tables = signal(true);
export const repeats = signal(5);
export const speed = inTurn<SpeedRun>();
const { change, runs } = speed;

/** Begins anew with what is chosen. */
export function runSpeed(): Promise<void> {
  return speed.start(chosen.value, { tables: tables.value, results: [] }, time);
}

async function time({ backend, precision, tables }: SpeedRun, engine: Engine): Promise<void> {
  // Structure by structure, so that what is done is seen.
  for (const one of timedStructures) {
    const input = { backend, precision, tables, structures: [one], repeat: repeats.value };
    const results = await engine.begin('bench', input, watch(backend)).done;
    change(backend, { results: [...resultsOf(backend), ...results] });
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
  return runs.value.find((one) => one.backend === backend)!.results;
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
