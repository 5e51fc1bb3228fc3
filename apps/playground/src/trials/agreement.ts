/** Backends through the conformance kit, and through the same structures with the bundled model. */
import { signal } from '@preact/signals';
import type { CaseResult, Report } from '@mace/conformance';
import type { Result } from '@mace/core';
import type { BackendName } from '../engine/backend-list.js';
import type { Engine } from '../engine/engine.js';
import { gallery } from '../files/gallery.js';
import { chosenBackends } from './chosen.js';
import { inTurn, type Turn } from './in-turn.js';

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

export interface BackendRun extends Turn {
  /** Cases of the kit. */
  readonly done: number;
  readonly total: number;
  readonly report: Report | null;
  /** Largest error as a fraction of its tolerance. */
  readonly worst: { readonly reference: number | null; readonly rotation: number | null };
  /** Of `comparedStructures`; null before, and where they could not be computed. */
  readonly results: readonly Result[] | null;
}

export const chosen = chosenBackends(['wasm', 'typed-arrays']);
export const extent = signal<Extent>('short');
export const agreement = inTurn<BackendRun>();
const { change, runs } = agreement;

/** Begins anew with what is chosen. */
export function runAgreement(): Promise<void> {
  const nothing = { done: 0, total: 0, report: null, worst: { reference: null, rotation: null }, results: null };
  return agreement.start(chosen.value, nothing, tryBackend);
}

async function tryBackend({ backend, precision }: BackendRun, engine: Engine): Promise<void> {
  const { only } = extents[extent.value];
  const report = await engine.begin('conform', { backend, precision, only }, (event) => follow(backend, event)).done;
  change(backend, { report });
  if (report.absent) {
    const { reason, remedy = '' } = report.absent;
    throw new Error(`${reason} ${remedy}`.trim());
  }
  change(backend, { text: 'computing the bundled model' });
  const choice = { backend, precision, tables: false };
  await engine.begin('open', { source: { kind: 'bundled' }, choice }).done;
  const results: Result[] = [];
  for (const { structure } of comparedStructures)
    results.push((await engine.begin('evaluate', { structure, asked: {} }).done).result);
  change(backend, { results });
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
