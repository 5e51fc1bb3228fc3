/** Tasks of the worker that people see: one at a time, with what it does now, and what went wrong. */
import { batch } from '@preact/signals';
import { Engine, TaskError, type Task } from '../engine/engine.js';
import type { Asked, TaskName, Tasks } from '../engine/messages.js';
import * as state from '../state.js';
import { notice } from './notices.js';

export const engine = new Engine({
  lost: (why) => strand(`Nothing can be computed: ${why}`),
  renewed: () =>
    notice('run', 'note', 'The device that computes was lost. What runs goes on with a new one, from where it was.'),
});

/** What runs now, or ran last, to its very end. */
let running: Promise<unknown> = Promise.resolve();

/** Ends what runs, and begins when that and all that was asked before has ended. */
export function alone<T>(work: () => Promise<T>): Promise<T> {
  state.activity.value?.cancel?.();
  const mine = running.then(work);
  running = mine.catch(() => undefined);
  return mine;
}

/** Another structure is shown at once, but while atoms move: their run ends first. */
export function afterMoving(work: () => void): Promise<void> {
  if (state.isMoving.value) return alone(async () => work());
  work();
  return Promise.resolve();
}

/** Ends what runs; atoms stay where they are. */
export async function stop(): Promise<void> {
  const { cancel, end = cancel } = state.activity.value ?? {};
  end?.();
  await running;
}

/** Waits for a task that people see. @returns null where it was cancelled, or failed and that was said */
export async function follow<Name extends TaskName>(
  place: state.Notice['place'],
  activity: state.Activity,
  task: Task<Name>,
): Promise<Tasks[Name]['output'] | null> {
  state.activity.value = activity;
  const done = await task.done.catch((error: unknown) => {
    fail(place, error);
    return null;
  });
  state.activity.value = null;
  return done;
}

/** What the task does now. @param fraction - 0 to 1, where it is known */
export function tell(text: string, fraction?: number | undefined): void {
  if (state.activity.value) state.activity.value = { ...state.activity.value, text, fraction };
}

export function fail(place: state.Notice['place'], error: unknown): void {
  // What is lost is said once, for all that ran.
  if (error instanceof TaskError && (error.code === 'cancelled' || error.code === 'lost')) return;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof TaskError && place === 'run' && isDeviceGone(error)) strand(text);
  else notice(place, 'error', text, error instanceof TaskError ? error.reason : undefined);
}

/** Whether the device is lost, and there is no other to go on with. */
function isDeviceGone({ code, reason }: TaskError): boolean {
  return (code === 'device' && reason === 'lost') || code === 'backend-unavailable';
}

/** Without a worker or its device no model is open; what is shown stays. */
export function strand(why: string): void {
  engine.end(why);
  batch(() => {
    state.opened.value = null;
    state.isStranded.value = true;
    notice('run', 'error', why);
  });
}

/** What is asked of the model beside the structure. */
export function asked(): Asked {
  const { head, inputs } = state;
  return {
    ...(head.value !== null && { head: head.value }),
    ...(Object.keys(inputs.value).length > 0 && { inputs: inputs.value }),
  };
}
