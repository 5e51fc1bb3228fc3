/** Energy and forces of what is shown. */
import type { Task } from '../engine/engine.js';
import * as state from '../state.js';
import { asked, engine, fail } from './tasks.js';

let evaluating: Task<'evaluate'> | null = null;

/** Computes what is shown; the newest question wins. */
export async function evaluate(): Promise<void> {
  const { shown, opened } = state;
  if (!shown.value || !opened.value || state.isMoving.value) return;
  evaluating?.cancel();
  // Said by the panel, with the models that know them.
  if (state.missing.value.length > 0) return;
  const { structure } = shown.value;
  const task = engine.begin('evaluate', { structure, asked: asked() });
  evaluating = task;
  try {
    const done = await task.done;
    if (evaluating === task && shown.value.structure === structure) state.evaluated.value = done;
  } catch (error) {
    if (evaluating === task) fail('run', error);
  } finally {
    if (evaluating === task) evaluating = null;
  }
}
