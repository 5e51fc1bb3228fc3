/**
 * Sessions of ONNX Runtime: made, run one after another, released when the last run is over; errors by name.
 */
import { DeviceError, isMaceError } from '@mace/core/errors';
import type { Engine, OrtSession, OrtTensor } from './engine.js';

/** Runs wait for each other: the web runtime has one memory, and the native one computes in the calling thread anyway. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything that was handed in before. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const own = this.#last.then(work);
    this.#last = own.catch(() => {});
    return own;
  }
}

/** A session that is released once. */
export class Session {
  #released = false;

  private constructor(
    readonly engine: Engine,
    readonly turns: Turns,
    readonly session: OrtSession,
  ) {}

  /** @throws DeviceError */
  static create(engine: Engine, turns: Turns, model: Uint8Array): Promise<Session> {
    const { ort, provider, threads } = engine;
    return turns.take(async () => {
      try {
        const session = await ort.InferenceSession.create(model, {
          executionProviders: [provider],
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          graphOptimizationLevel: 'all',
          // Errors are thrown, with their message; nothing is to be printed as well.
          logSeverityLevel: 4,
          // Of the other providers, the runtime brings outputs to memory by itself.
          ...(provider === 'webgpu' && { preferredOutputLocation: 'gpu-buffer' as const }),
        });
        return new Session(engine, turns, session);
      } catch (error) {
        throw deviceError('compile', engine, error);
      }
    });
  }

  /**
   * One run. `feeds` is called when it is this run's turn; it may throw, to cancel.
   *
   * @throws DeviceError
   */
  run(feeds: () => Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>> {
    return this.turns.take(async () => {
      const fed = feeds();
      try {
        return await this.session.run(fed);
      } catch (error) {
        throw deviceError('run', this.engine, error);
      }
    });
  }

  /** Frees the session after the runs that wait for it. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    // Nobody is left to tell of a failure here, and there is nothing to do about it.
    this.turns.take(() => this.session.release()).catch(() => {});
  }
}

/** An error of the runtime as one of this project. */
export function deviceError(when: 'compile' | 'run' | 'probe', { device }: Engine, error: unknown): Error {
  if (isMaceError(error)) return error;
  const message = messageOf(error);
  if (
    /out of memory|bad_alloc|bad allocation|Failed to allocate|Aborted\(OOM|memory access out of bounds/i.test(message)
  )
    return new DeviceError(
      'out-of-memory',
      `${when} on ${device}: memory ran out (${message}). Compute fewer atoms at once, or use another backend.`,
      { cause: error },
    );
  if (/device (was |is )?lost|context lost|DXGI_ERROR_DEVICE_REMOVED|CUDA error|CUDA failure/i.test(message))
    return new DeviceError('lost', `${when} on ${device}: the device is gone (${message}). Create the backend again.`, {
      cause: error,
    });
  return new DeviceError(
    'rejected',
    `${when} on ${device}: ONNX Runtime refused (${message}). Try another provider or backend, and report it with this message.`,
    { cause: error },
  );
}

/** The first line of what was thrown. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0]!.slice(0, 500);
}
