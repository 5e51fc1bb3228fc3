/** The worker: begins tasks, carries their events, and cancels them. What they do stands in files of their own. */
import { DeviceError, isMaceError, ModelUnavailableError } from '@mace/core/errors';
import { runDynamics } from './dynamics-task.js';
import { evaluate } from './evaluate-task.js';
import type { FromWorker, TaskName, Tasks, ToWorker } from './messages.js';
import { open } from './open-task.js';
import { read } from './read-task.js';
import { relaxOne } from './relax-task.js';
import type { TaskContext } from './task-context.js';

type Task<Name extends TaskName> = (
  input: Tasks[Name]['input'],
  context: TaskContext<Name>,
) => Promise<Tasks[Name]['output']>;

const tasks: { readonly [Name in TaskName]: Task<Name> } = {
  open,
  read,
  evaluate,
  relax: relaxOne,
  dynamics: runDynamics,
  // Fetched when they are first asked for.
  build: async (input) => (await import('./build-task.js')).build(input),
  conform: async (input, context) => (await import('./conform-task.js')).conform(input, context),
  bench: async (input, context) => (await import('./bench-task.js')).bench(input, context),
};

interface Running {
  isCancelled: boolean;
  readonly context: TaskContext<TaskName>;
}
const running = new Map<number, Running>();

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'begin') void begin(data.task, data.name, data.input);
  else if (data.kind === 'cancel') {
    const one = running.get(data.task);
    if (one) one.isCancelled = true;
  } else running.get(data.task)?.context.onMessage(data.message as never);
};

async function begin(task: number, name: TaskName, input: unknown): Promise<void> {
  const one: Running = {
    isCancelled: false,
    context: {
      emit: (event) => post({ task, kind: 'event', event }),
      cancellation: {
        get aborted() {
          return one.isCancelled;
        },
      },
      tellRenewed: () => post({ kind: 'renewed' }),
      onMessage: () => {},
    },
  };
  running.set(task, one);
  try {
    const work = tasks[name] as (given: unknown, context: unknown) => Promise<unknown>;
    post({ task, kind: 'done', output: await work(input, one.context) });
  } catch (error) {
    const code = isMaceError(error) ? error.code : 'unexpected';
    const hasReason = error instanceof ModelUnavailableError || error instanceof DeviceError;
    const reason = hasReason ? { reason: error.reason } : {};
    const message = error instanceof Error ? error.message : String(error);
    post({ task, kind: 'failed', failure: { code, message, ...reason } });
  } finally {
    running.delete(task);
  }
}

/** A worker that ends without a word, as for want of memory, is known by the lock that it held. */
void navigator.locks?.request(self.name, () => {
  post({ kind: 'alive' });
  return new Promise(() => {});
});

function post(message: FromWorker): void {
  (self as unknown as { postMessage(message: FromWorker): void }).postMessage(message);
}
