/** The page's side of the worker: begins tasks, and makes a new worker where one was lost. */
import type { Failure, FromWorker, TaskName, Tasks, ToWorker } from './messages.js';

/** A task on its way. */
export interface Task<Name extends TaskName> {
  /** @throws TaskError */
  readonly done: Promise<Tasks[Name]['output']>;
  send(message: Tasks[Name]['message']): void;
  cancel(): void;
}

/** Why a task has no answer; `code` as of the errors of `@mace/core`, `lost` where the worker ended, `unexpected` for a fault of ours. */
export class TaskError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** Of a model that cannot be had, and of a device that failed. */
    readonly reason?: string,
  ) {
    super(message);
  }
}

interface Waiting {
  event(event: unknown): void;
  settle(outcome: { readonly output: unknown } | { readonly failure: Failure }): void;
}

export interface EngineEvents {
  /** The worker has ended by itself, with all that ran in it. */
  lost?(why: string): void;
  /** A device was lost, and what is computed goes on with a new one. */
  renewed?(): void;
}

export class Engine {
  #worker: Worker | null = null;
  #next = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(readonly events: EngineEvents = {}) {}

  /** @param onEvent - told on the way @param transfer - buffers that the page does not need any more */
  begin<Name extends TaskName>(
    name: Name,
    input: Tasks[Name]['input'],
    onEvent: (event: Tasks[Name]['event']) => void = () => {},
    transfer: readonly ArrayBuffer[] = [],
  ): Task<Name> {
    const task = this.#next++;
    const done = new Promise<Tasks[Name]['output']>((resolve, reject) => {
      this.#waiting.set(task, {
        event: (event) => onEvent(event as Tasks[Name]['event']),
        settle: (outcome) => {
          this.#waiting.delete(task);
          if ('output' in outcome) resolve(outcome.output as Tasks[Name]['output']);
          else reject(new TaskError(outcome.failure.code, outcome.failure.message, outcome.failure.reason));
        },
      });
    });
    this.#post({ task, kind: 'begin', name, input }, transfer);
    return {
      done,
      send: (message) => this.#post({ task, kind: 'message', message }),
      cancel: () => this.#post({ task, kind: 'cancel' }),
    };
  }

  /** Ends the worker with all that runs in it; the next task begins another. */
  end(why: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const one of [...this.#waiting.values()]) one.settle({ failure: { code: 'lost', message: why } });
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, [...transfer]);
  }

  #start(): Worker {
    // Not a UUID, which browsers make for secure addresses only.
    const name = `mace ${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
    const lose = (why: string): void => {
      if (this.#worker !== worker) return;
      this.end(why);
      this.events.lost?.(why);
    };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'alive') void navigator.locks.request(name, () => lose(endedText));
      else if (data.kind === 'renewed') this.events.renewed?.();
      else if (data.kind === 'event') this.#waiting.get(data.task)?.event(data.event);
      else this.#waiting.get(data.task)?.settle(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      lose(`the worker failed: ${event.message ?? 'its files could not be loaded'}.`);
    };
    return worker;
  }
}

const endedText = 'the worker that computes has ended, perhaps for want of memory.';
