/** What the page shows of its private storage: the kept models, and the room that there is. */
import { effect, signal } from '@preact/signals';
import { opened } from '../state.js';
import { forgetModel, keptModels, type KeptModel } from './kept-models.js';

export interface Kept {
  readonly models: readonly KeptModel[];
  /** Bytes of all that the page keeps, and that it may keep; null where the browser does not say. */
  readonly used: number | null;
  readonly most: number | null;
  /** Why nothing can be kept. */
  readonly absent: string | null;
}
export const kept = signal<Kept>({ models: [], used: null, most: null, absent: null });

/** Looks again whenever a model has been opened. */
export function followKept(): void {
  effect(() => {
    void opened.value;
    void look();
  });
}

export async function forget(file: string): Promise<void> {
  await forgetModel(file).catch(() => undefined);
  await look();
}

async function look(): Promise<void> {
  try {
    const [models, { usage = null, quota = null }] = await Promise.all([keptModels(), estimate()]);
    kept.value = { models, used: usage, most: quota, absent: null };
  } catch (error) {
    kept.value = { models: [], used: null, most: null, absent: error instanceof Error ? error.message : String(error) };
  }
}

async function estimate(): Promise<StorageEstimate> {
  return (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
}
