/** Energy and forces of what is shown. */
import type { Task } from '../engine/engine.js';
import * as state from '../state.js';
import { clearNotices } from './notices.js';
import { asked, engine, fail, strand } from './tasks.js';

let running: Task<'evaluate'> | null = null;
/** Whether something else was asked while it ran. */
let isOutdated = false;

/** Milliseconds after which people see that it computes. */
const soon = 500;

/** Computes anew what is asked otherwise, as for another head or charge: the result of before does not stand beside it. */
export function askAnew(): void {
  clearNotices('run');
  state.evaluated.value = null;
  void evaluate();
}

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
  const model = opened.value;
  isOutdated = false;
  const task = (running = engine.begin('evaluate', { structure, asked: asked() }));
  const activity = { kind: 'evaluate', text: 'computing energy and forces', end: endNow } as const;
  const slow = setTimeout(() => (state.activity.value ??= activity), soon);
  try {
    const done = await task.done;
    if (!isOutdated && shown.value.structure === structure && opened.value === model) state.evaluated.value = done;
  } catch (error) {
    if (!isOutdated) fail('run', error);
  } finally {
    running = null;
    clearTimeout(slow);
    if (state.activity.value === activity) state.activity.value = null;
  }
  if (isOutdated) await evaluate();
}

/** One evaluation hears nothing until it is done: its worker ends. */
function endNow(): void {
  strand('The computation was stopped. Choose a faster backend or a smaller structure first.');
}
