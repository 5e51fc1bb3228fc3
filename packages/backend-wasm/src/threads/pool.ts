/** The jobs of one backend, on its shared memory, for the threads that all backends share. */
import { CancelledError, DeviceError, DisposedError } from '@mace/core/errors';
import { controlBytes } from '../arena.js';
import { alone, forget, hearNothing, leaveThreads, stopThreads, threadsFor, useThreads } from './shared-threads.js';
import { firstPhaseWord, phaseWords, stopWord } from './worker-source.js';

/** A job: phases that follow each other, each over all chunks. */
export interface Job {
  readonly id: number;
  readonly list: number;
  readonly phases: readonly { readonly run: string; readonly commit: string }[];
  readonly chunks: number;
}

/** Phases that the words of one job are for. */
const mostPhases = Math.floor((controlBytes / 4 - firstPhaseWord) / phaseWords.count);

export class ThreadPool {
  readonly #modules = new Map<number, WebAssembly.Module>();
  /** Fails the job at work. */
  #fail: ((error: Error) => void) | undefined;
  #isStopped = false;

  constructor(
    readonly size: number,
    readonly memory: WebAssembly.Memory,
    /** Address of shared words for the jobs, of which there is one at a time. */
    readonly control: number,
  ) {
    useThreads(this);
  }

  /** The code with this number: threads get it with their first job. */
  open(id: number, module: WebAssembly.Module): void {
    this.#modules.set(id, module);
  }

  close(id: number): void {
    if (this.#modules.delete(id)) forget(id);
  }

  /**
   * Phases for which there are no words any more wait for those before them, as all phases do.
   * @param stopIfCancelled - asked now and then; what it throws ends the job, and is thrown once all threads have stopped
   * @throws DeviceError when a thread dies; the next job starts new ones
   */
  async run(job: Job, stopIfCancelled: () => void): Promise<void> {
    for (let from = 0; from < job.phases.length; from += mostPhases)
      await alone(() => this.#run({ ...job, phases: job.phases.slice(from, from + mostPhases) }, stopIfCancelled));
  }

  async #run(job: Job, stopIfCancelled: () => void): Promise<void> {
    const { size, control, memory } = this;
    if (this.#isStopped) throw disposed();
    const words = new Int32Array(memory.buffer, control, firstPhaseWord + phaseWords.count * job.phases.length);
    words.fill(0);
    let cancelled: Error | undefined;
    let release = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        let [done, failure] = [0, ''];
        this.#fail = reject;
        const threads = threadsFor(size, {
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
          crashed: (cause) => {
            stopThreads();
            const message =
              'a thread of the backend wasm died, and with it the run. Start the run again; use one thread if it happens again.';
            reject(new DeviceError('lost', message, { cause }));
          },
        });
        release = () => threads.forEach((thread) => thread.busy(false));
        const module = this.#modules.get(job.id)!;
        threads.forEach((thread, number) => {
          thread.busy(true);
          if (!thread.opened.has(job.id)) thread.post({ kind: 'open', id: job.id, module, memory });
          thread.opened.add(job.id);
          thread.post({ ...job, kind: 'run', thread: number, threads: size, control });
        });
      });
    } finally {
      this.#fail = undefined;
      hearNothing();
      release();
    }
    if (cancelled) throw cancelled;
  }

  /** A job at work fails with DisposedError. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const id of [...this.#modules.keys()]) this.close(id);
    // Threads at work on memory that goes are of no use to others.
    if (this.#fail) stopThreads();
    this.#fail?.(disposed());
    leaveThreads(this);
  }
}

function disposed(): DisposedError {
  return new DisposedError('the backend wasm was disposed of during the run. Create a new one.');
}
