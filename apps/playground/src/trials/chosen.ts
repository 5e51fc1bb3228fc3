/** Which backends are tried, in which precision, and what stands against each. */
import { signal } from '@preact/signals';
import { backendList, type BackendName } from '../engine/backend-list.js';
import { reasonAgainst } from '../engine/browser.js';

export type Precision = 'f64' | 'f32';

/** How people know it. */
export const precisionTitles = { f32: 'float32', f64: 'float64' } as const;

export interface ChosenBackends {
  readonly names: readonly BackendName[];
  readonly precision: Precision;
}

/** A choice of its own for each page. */
export function chosenBackends(names: readonly BackendName[]) {
  return signal<ChosenBackends>({ names, precision: 'f32' });
}

/** @returns null where nothing stands against it, as far as can be told before its engine is loaded */
export function reasonAgainstIn(name: BackendName, precision: Precision): string | null {
  const entry = backendList.find((one) => one.name === name)!;
  const precisions: readonly Precision[] = entry.precisions;
  if (!precisions.includes(precision))
    return `computes in ${precisions.map((one) => precisionTitles[one]).join(' and ')} only`;
  return reasonAgainst(entry);
}

/** Those that are chosen and may run, in the order of the list. */
export function runnable({ names, precision }: ChosenBackends): BackendName[] {
  return backendList
    .map(({ name }) => name)
    .filter((name) => names.includes(name) && reasonAgainstIn(name, precision) === null);
}
