/** One device with what all graphs on it share: compiled kernels, memory, and how its failures become errors. */
import { yieldToEventLoop } from '@mace/core/backend';
import { DeviceError, DisposedError, isMaceError } from '@mace/core/errors';
import { Buffers } from './buffers.js';
import { Pace } from './pace.js';
import { Pipelines } from './pipelines.js';

/** Milliseconds within which a device that is lost says so. */
const longestLossDelay = 2000;

export class Engine {
  readonly pipelines: Pipelines;
  readonly buffers: Buffers;
  readonly pace: Pace;
  #lost: string | undefined;
  #disposed = false;

  constructor(
    readonly device: GPUDevice,
    readonly maxBufferBytes: number,
    workPerSubmit?: number,
  ) {
    this.pipelines = new Pipelines(device);
    this.buffers = new Buffers(device, maxBufferBytes);
    this.pace = new Pace(workPerSubmit);
    void device.lost.then(({ message, reason }) => {
      this.#lost = message || reason || 'no reason was given';
    });
  }

  /** @throws DeviceError, DisposedError where nothing can be computed any more */
  check(): void {
    if (this.#disposed) throw new DisposedError('the backend was disposed of during a run. Create a new one.');
    if (this.#lost !== undefined) throw this.#lossError();
  }

  /**
   * Gives work to the device, without an `await` in between, and then waits for what it gives back.
   *
   * @param give - creates buffers, encodes, submits; returns what is to be waited for
   * @throws DeviceError: lost, out of memory, or what WebGPU found wrong, with `what` it was about
   */
  async work<T>(what: string, give: () => Promise<T>): Promise<T> {
    this.check();
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('internal');
    let given: Promise<T>;
    try {
      given = give();
    } catch (error) {
      given = Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    // Their answers come in any case, so that the scopes are balanced.
    const scopes = [this.device.popErrorScope(), this.device.popErrorScope(), this.device.popErrorScope()];
    const [result, ...failures] = await Promise.allSettled([given, ...scopes]);
    // What waits for a device that is lost may be refused before the loss is told: on a busy machine a good while before.
    const refused = Date.now();
    while (result.status === 'rejected' && !isMaceError(result.reason) && this.#lost === undefined) {
      if (Date.now() - refused > longestLossDelay) break;
      await yieldToEventLoop();
    }
    this.check();
    const [internal, memory, validation] = failures.map((one) => (one.status === 'fulfilled' ? one.value : null));
    // A buffer that could not be made looks like any other, and may have been given back already.
    if (internal ?? memory ?? validation) this.buffers.dispose();
    if (memory)
      throw new DeviceError(
        'out-of-memory',
        `the device has too little memory for ${what}: ${memory.message}. Compute fewer structures at once, or use the backend wasm.`,
      );
    const wrong = internal ?? validation;
    if (wrong)
      throw new DeviceError(
        'rejected',
        `WebGPU refuses ${what}: ${wrong.message}. Please open an issue with this text.`,
      );
    if (result.status === 'fulfilled') return result.value;
    const cause: unknown = result.reason;
    if (isMaceError(cause)) throw cause;
    throw new DeviceError('rejected', `${what} failed on the device: ${String(cause)}. Create a new backend.`, {
      cause,
    });
  }

  /** Copies numbers to the beginning of a buffer, before what is submitted after this call. */
  write(buffer: GPUBuffer, numbers: Float32Array | Uint32Array | Int32Array): void {
    if (numbers.length > 0) this.device.queue.writeBuffer(buffer, 0, numbers as Float32Array<ArrayBuffer>);
  }

  /** Records a copy of the first `count` numbers; what it returns waits for it, once the commands are submitted. */
  copyOf(buffer: GPUBuffer, count: number, encoder: GPUCommandEncoder): () => Promise<Float32Array> {
    if (count === 0) return async () => new Float32Array(0);
    const staging = this.buffers.take(4 * count, usage.readback);
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, 4 * count);
    return async () => {
      try {
        await staging.mapAsync(readMode, 0, 4 * count);
      } catch (error) {
        staging.destroy();
        throw error;
      }
      const numbers = new Float32Array(staging.getMappedRange(0, 4 * count)).slice();
      staging.unmap();
      this.buffers.release(staging);
      return numbers;
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.buffers.dispose();
    this.device.destroy();
  }

  #lossError(): DeviceError {
    return new DeviceError(
      'lost',
      `the WebGPU device is lost: ${this.#lost}. Dispose of this backend and create a new one; whoever computed too long at once computes less.`,
    );
  }
}

/** As numbers of the specification: in Node the constants are where the package `webgpu` is, not global. */
export const usage = {
  /** COPY_SRC, COPY_DST, STORAGE: what kernels read and write. */
  storage: 0x4 | 0x8 | 0x80,
  /** COPY_DST, UNIFORM. */
  sizes: 0x8 | 0x40,
  /** MAP_READ, COPY_DST. */
  readback: 0x1 | 0x8,
} as const;
const readMode = 0x1;
