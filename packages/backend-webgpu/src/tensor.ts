/** An array that stays on the device. */
import { DisposedError } from '@mace/core/errors';
import type { BoundValues, TensorParts } from '@mace/core/backend';
import type { Engine } from './engine.js';

export interface Tensor extends TensorParts {
  readonly buffer: GPUBuffer;
}

export function tensorIn(engine: Engine, buffer: GPUBuffer, shape: readonly number[]): Tensor {
  const count = shape.reduce((size, dim) => size * dim, 1);
  let disposed = false;
  return {
    shape,
    buffer,
    bytes: buffer.size,
    read: () => {
      if (disposed) throw new DisposedError('read after dispose: a tensor on WebGPU.');
      return engine.work('reading a tensor', () => {
        const encoder = engine.device.createCommandEncoder();
        const copy = engine.copyOf(buffer, count, encoder);
        engine.device.queue.submit([encoder.finish()]);
        return copy();
      });
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      engine.buffers.release(buffer);
    },
  };
}

/** The values of a run that are on the device are tensors of this backend: the contract sees to it. */
export function isTensor(value: BoundValues[string]): value is Tensor {
  return !ArrayBuffer.isView(value);
}
