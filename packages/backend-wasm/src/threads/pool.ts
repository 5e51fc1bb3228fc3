/** Threads on one shared memory: workers of Node or of a page, started when first needed and stopped with the backend. */
import { CancelledError, DeviceError, DisposedError } from '@mace/core/errors';
import { controlBytes } from '../arena.js';
import { nodeModule } from '../node.js';
import { firstPhaseWord, phaseWords, stopWord, workerSource, type FromThread, type ToThread } from './worker-source.js';

/** A job: phases that follow each other, each over all chunks. */
export interface Job {
  readonly id: number;
  readonly list: number;
  readonly phases: readonly { readonly run: string; readonly commit: string }[];
  readonly chunks: number;
}

/** Phases that the words of one job are for. */
const mostPhases = Math.floor((controlBytes / 4 - firstPhaseWord) / phaseWords.count);

interface Thread {
  post(message: ToThread): void;
  /** Whether the process waits for it. */
  busy(is: boolean): void;
  stop(): void;
}

interface Hearing {
  received(message: FromThread): void;
  crashed(cause: unknown): void;
}

/** Who hears from the threads while there is a job. */
interface Listener extends Hearing {
  stopped(): void;
}

export class ThreadPool {
  #threads: Thread[] = [];
  #listener: Listener | undefined;
  readonly #opened = new Set<number>();

  constructor(
    readonly size: number,
    readonly memory: WebAssembly.Memory,
    /** Address of shared words for the jobs, of which there is one at a time. */
    readonly control: number,
  ) {}

  /** Gives the threads the code with this number. */
  open(id: number, module: WebAssembly.Module): void {
    if (this.#opened.has(id)) return;
    this.#start();
    this.#opened.add(id);
    for (const thread of this.#threads) thread.post({ kind: 'open', id, module, memory: this.memory });
  }

  close(id: number): void {
    if (this.#opened.delete(id)) for (const thread of this.#threads) thread.post({ kind: 'close', id });
  }

  /**
   * Phases for which there are no words any more wait for those before them, as all phases do.
   * @param stopIfCancelled - asked now and then; what it throws ends the job, and is thrown once all threads have stopped
   * @throws DeviceError when a thread dies; the next job starts new ones
   */
  async run(job: Job, stopIfCancelled: () => void): Promise<void> {
    for (let from = 0; from < job.phases.length; from += mostPhases)
      await this.#run({ ...job, phases: job.phases.slice(from, from + mostPhases) }, stopIfCancelled);
  }

  async #run(job: Job, stopIfCancelled: () => void): Promise<void> {
    const { size, control } = this;
    const words = new Int32Array(this.memory.buffer, control, firstPhaseWord + phaseWords.count * job.phases.length);
    words.fill(0);
    let cancelled: Error | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        let [done, failure] = [0, ''];
        this.#listener = {
          received: (message) => {
            if (message.kind === 'tick') {
              try {
                stopIfCancelled();
              } catch (error) {
                cancelled ??= error instanceof Error ? error : new CancelledError(String(error));
                Atomics.store(words, stopWord, 1);
              }
              return;
            }
            if (message.kind === 'failed') failure = message.message;
            if (++done < size) return;
            if (failure) reject(new DeviceError('rejected', `a thread failed: ${failure}. Please report it.`));
            else resolve();
          },
          stopped: () =>
            reject(new DisposedError('the backend wasm was disposed of during the run. Create a new one.')),
          crashed: (cause) => {
            this.#end();
            const message =
              'a thread of the backend wasm died, and with it the run. Start the run again; use one thread if it happens again.';
            reject(new DeviceError('lost', message, { cause }));
          },
        };
        this.#threads.forEach((thread, number) => {
          thread.busy(true);
          thread.post({ ...job, kind: 'run', thread: number, threads: size, control });
        });
      });
    } finally {
      this.#listener = undefined;
      for (const thread of this.#threads) thread.busy(false);
    }
    if (cancelled) throw cancelled;
  }

  /** A job at work fails with DisposedError. */
  stop(): void {
    this.#end();
    this.#listener?.stopped();
  }

  #end(): void {
    for (const thread of this.#threads) thread.stop();
    this.#threads = [];
    this.#opened.clear();
  }

  #start(): void {
    if (this.#threads.length > 0) return;
    const listener: Hearing = {
      received: (message) => this.#listener?.received(message),
      crashed: (cause) => (this.#listener ? this.#listener.crashed(cause) : this.#end()),
    };
    this.#threads = Array.from({ length: this.size }, () => nodeThread(listener) ?? pageThread(listener));
  }
}

interface NodeWorker {
  on(event: string, listener: (value: never) => void): void;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** Threads that this machine can run at once; 1 where memory cannot be shared. */
export function threadsAvailable(): number {
  const { crossOriginIsolated, navigator } = globalThis as {
    crossOriginIsolated?: boolean;
    navigator?: { hardwareConcurrency?: number };
  };
  const os = nodeModule<{ availableParallelism(): number }>('node:os');
  if (os) return os.availableParallelism();
  return crossOriginIsolated === true ? (navigator?.hardwareConcurrency ?? 1) : 1;
}

/** Whether workers from text may start; pages forbid them where their content security policy has no `worker-src blob:`. */
export async function workersStart(): Promise<boolean> {
  if (nodeModule('node:worker_threads')) return true;
  const address = URL.createObjectURL(new Blob(['postMessage(0)'], { type: 'text/javascript' }));
  let worker: Worker | undefined;
  try {
    return await new Promise<boolean>((resolve) => {
      worker = new Worker(address);
      worker.onmessage = () => resolve(true);
      worker.onerror = () => resolve(false);
    });
  } catch {
    return false;
  } finally {
    worker?.terminate();
    URL.revokeObjectURL(address);
  }
}

function nodeThread(listener: Hearing): Thread | undefined {
  const threads = nodeModule<{ Worker: new (source: string, options: { eval: true }) => NodeWorker }>(
    'node:worker_threads',
  );
  if (!threads) return undefined;
  const worker = new threads.Worker(workerSource, { eval: true });
  let stopped = false;
  worker.on('message', (message: FromThread) => listener.received(message));
  worker.on('error', (error: Error) => listener.crashed(error));
  worker.on('exit', (code: number) => {
    if (!stopped) listener.crashed(new Error(`a worker ended with code ${code}`));
  });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    busy: (is) => (is ? worker.ref() : worker.unref()),
    stop: () => {
      stopped = true;
      void worker.terminate();
    },
  };
}

function pageThread(listener: Hearing): Thread {
  const address = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(address);
  worker.onmessage = ({ data }: MessageEvent<FromThread>) => listener.received(data);
  worker.onerror = (event) => listener.crashed(new Error(event.message));
  return {
    post: (message) => worker.postMessage(message),
    busy: () => {},
    stop: () => {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}
