/** Backends one after another through the conformance kit and through the same structures, each in a worker that ends with it. */
import { signal } from '@preact/signals';
import type { CaseResult, Report } from '@mace/conformance';
import type { Result } from '@mace/core';
import type { BackendName } from '../engine/backend-list.js';
import { Engine } from '../engine/engine.js';
import { gallery } from '../files/gallery.js';
import { chosenBackends, runnable, type Precision } from './chosen.js';

/** How much of the kit runs. */
export const extents = {
  short: {
    title: 'Short: seconds',
    only: [
      ...['A', 'E'].flatMap((model) => [`physics/reference/${model}`, `physics/rotation/${model}`]),
      'golden/A-molecule',
      'golden/A-crystal',
      'golden/stages/A',
    ],
  },
  physics: { title: 'All physics: minutes', only: ['physics', 'golden'] },
  whole: { title: 'The whole kit, to send', only: null },
} as const;
export type Extent = keyof typeof extents;

/** What every backend computes with the bundled model, to be held against each other. */
export const comparedStructures = ['Water', 'Ethanol', 'Ice'].map((name) => gallery.find((one) => one.name === name)!);

export interface BackendRun {
  readonly backend: BackendName;
  readonly precision: Precision;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  /** What happens now. */
  readonly text: string;
  readonly done: number;
  readonly total: number;
  readonly report: Report | null;
  /** Largest error as a fraction of its tolerance. */
  readonly worst: { readonly reference: number | null; readonly rotation: number | null };
  /** Of `comparedStructures`; null before, and where they could not be computed. */
  readonly results: readonly Result[] | null;
  /** Why there is no report, or no results. */
  readonly failure: string | null;
}

export const chosen = chosenBackends(['wasm', 'typed-arrays']);
export const extent = signal<Extent>('short');
export const runs = signal<readonly BackendRun[]>([]);
export const isRunning = signal(false);

let current: Engine | null = null;
let isStopped = false;

/** Begins anew with what is chosen; what was found before goes. */
export async function runAgreement(): Promise<void> {
  if (isRunning.value) return;
  const { precision } = chosen.value;
  isRunning.value = true;
  isStopped = false;
  runs.value = runnable(chosen.value).map((backend) => ({
    backend,
    precision,
    status: 'waiting',
    text: 'waits for its turn',
    done: 0,
    total: 0,
    report: null,
    worst: { reference: null, rotation: null },
    results: null,
    failure: null,
  }));
  for (const { backend } of runs.value) {
    if (isStopped) change(backend, { status: 'stopped', text: 'did not run' });
    else await tryBackend(backend, precision);
  }
  isRunning.value = false;
}

/** Ends the worker at once; what was found before stays. */
export function stopAgreement(): void {
  isStopped = true;
  current?.end('stopped');
}

async function tryBackend(backend: BackendName, precision: Precision): Promise<void> {
  const engine = (current = new Engine());
  change(backend, { status: 'running', text: 'loading its engine' });
  try {
    const { only } = extents[extent.value];
    const report = await engine.begin('conform', { backend, precision, only }, (event) => follow(backend, event)).done;
    change(backend, { report });
    if (report.absent) {
      const { reason, remedy = '' } = report.absent;
      change(backend, { status: 'failed', text: '', failure: `${reason} ${remedy}`.trim() });
      return;
    }
    change(backend, { text: 'computing the bundled model' });
    const choice = { backend, precision, tables: false };
    await engine.begin('open', { source: { kind: 'bundled' }, choice }).done;
    const results: Result[] = [];
    for (const { structure } of comparedStructures)
      results.push((await engine.begin('evaluate', { structure, asked: {} }).done).result);
    change(backend, { status: 'done', text: '', results });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    change(backend, isStopped ? { status: 'stopped', text: 'stopped' } : { status: 'failed', text: '', failure });
  } finally {
    engine.end('done');
    current = null;
  }
}

function follow(backend: BackendName, event: { done: number; total: number; result: CaseResult }): void {
  const { done, total, result } = event;
  const { worst } = runs.value.find((one) => one.backend === backend)!;
  change(backend, {
    done,
    total,
    text: result.path,
    worst: {
      reference: /^physics\/reference\//.test(result.path) ? larger(worst.reference, result.worst) : worst.reference,
      rotation: /^physics\/(rotation|reflection)\//.test(result.path)
        ? larger(worst.rotation, result.worst)
        : worst.rotation,
    },
  });
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function change(backend: BackendName, next: Partial<BackendRun>): void {
  runs.value = runs.value.map((one) => (one.backend === backend ? { ...one, ...next } : one));
}
