/**
 * Parameters of one executable. Each is in a buffer that is written once, so runs that are under way keep theirs when others come, and
 * what was there before is there still when something fails.
 */
import type { BoundValues, RealArray } from '@mace/core/backend';
import { usage, type Engine } from './engine.js';
import { isTensor } from './tensor.js';

/** Parameters that are with the device, which has not said yet whether all went well. */
export interface Given {
  keep(): void;
  undo(): void;
}

export class Parameters {
  /** What is recorded from now on reads these. */
  readonly #current = new Map<string, GPUBuffer>();
  /** The last ones of which the device said that all went well. */
  readonly #kept = new Map<string, GPUBuffer>();
  #released = false;

  constructor(readonly engine: Engine) {}

  of(name: string): GPUBuffer {
    return this.#current.get(name)!;
  }

  /** Some or all, of arrays, or of tensors without a way over the host. */
  give(values: BoundValues): Given {
    const { device, buffers } = this.engine;
    const encoder = device.createCommandEncoder();
    const fresh = Object.entries(values).map(([name, value]): [string, GPUBuffer] => {
      const count = isTensor(value) ? value.shape.reduce((size, dim) => size * dim, 1) : (value as RealArray).length;
      const buffer = buffers.take(4 * count, usage.storage);
      if (!isTensor(value)) this.engine.write(buffer, Float32Array.from(value as RealArray));
      else if (count > 0) encoder.copyBufferToBuffer(value.buffer, 0, buffer, 0, 4 * count);
      return [name, buffer];
    });
    device.queue.submit([encoder.finish()]);
    for (const [name, buffer] of fresh) this.#current.set(name, buffer);
    return {
      keep: () => {
        for (const [name, buffer] of fresh) {
          const old = this.#kept.get(name);
          if (old) buffers.release(old);
          this.#kept.set(name, buffer);
        }
      },
      undo: () => {
        // Others may have them already.
        if (this.#released) return;
        for (const [name, buffer] of fresh) {
          const old = this.#kept.get(name);
          if (old && this.#current.get(name) === buffer) this.#current.set(name, old);
          buffer.destroy();
        }
      },
    };
  }

  use(): { liveBytes: number; liveBuffers: number } {
    const held = [...this.#held()];
    return { liveBytes: held.reduce((sum, { size }) => sum + size, 0), liveBuffers: held.length };
  }

  release(): void {
    for (const buffer of this.#held()) this.engine.buffers.release(buffer);
    this.#current.clear();
    this.#kept.clear();
    this.#released = true;
  }

  #held(): Set<GPUBuffer> {
    return new Set([...this.#current.values(), ...this.#kept.values()]);
  }
}
