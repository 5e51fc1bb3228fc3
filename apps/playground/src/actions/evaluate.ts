/** Energy and forces of what is shown. */
import type { Task } from '../engine/engine.js';
import * as state from '../state.js';
import { asked, engine, fail } from './tasks.js';

let running: Task<'evaluate'> | null = null;
/** Whether something else was asked while it ran. */
let isOutdated = false;

/** Computes what is shown, one question at a time: the newest waits for the one that runs, and those between are left out. */
export async function evaluate(): Promise<void> {
  if (running) {
    isOutdated = true;
    running.cancel();
    return;
  }
  const { shown, opened } = state;
  if (!shown.value || !opened.value || state.isMoving.value) return;
  // Said by the panel, with the models that know them.
  if (state.missing.value.length > 0) return;
  const { structure } = shown.value;
  isOutdated = false;
  running = engine.begin('evaluate', { structure, asked: asked() });
  try {
    const done = await running.done;
    if (!isOutdated && shown.value.structure === structure) state.evaluated.value = done;
  } catch (error) {
    if (!isOutdated) fail('run', error);
  } finally {
    running = null;
  }
  if (isOutdated) await evaluate();
}
