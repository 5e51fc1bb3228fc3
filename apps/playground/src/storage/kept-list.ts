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

/** Tells other tabs that something was kept or deleted. */
const others = new BroadcastChannel('mace-playground kept models');

/** Looks again whenever a model has been opened, and when another tab has kept or deleted one. */
export function followKept(): void {
  others.onmessage = () => void look();
  effect(() => {
    void opened.value;
    void look();
    others.postMessage(null);
  });
}

export async function forget(file: string): Promise<void> {
  await forgetModel(file).catch(() => undefined);
  await look();
  others.postMessage(null);
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
