/** Mode `cpu`: arrays are typed arrays, kernels are loops that gpu.js writes in JavaScript. */
import { DeviceError, isMaceError } from '@mace/core/errors';
import type { Buffer, Device } from './device.js';
import { elementaryJs } from './elementary-js.js';
import type { GpuClass } from './engine.js';
import { kernelCache } from './kernel-cache.js';

/** An instance of gpu.js that computes on the processor. */
export function cpuDevice(GPU: GpuClass): Device {
  const gpu = new GPU({ mode: 'cpu' });
  const kernelOf = kernelCache(gpu, elementaryJs, 'Array', {});
  const bufferOf = (values: Float32Array | Int32Array): Buffer => ({
    size: values.length,
    bytes: values.byteLength,
    holders: 1,
    handle: values,
  });
  return {
    upload: (values) => bufferOf(new Float32Array(values)),
    uploadIndices: (values) => bufferOf(values.slice()),
    run: (source, size, operands) => {
      if (size === 0) return bufferOf(new Float32Array(0));
      try {
        const kernel = kernelOf(source);
        kernel.setOutput([size]);
        return bufferOf(kernel(...operands.map((one) => (typeof one === 'number' ? one : one.handle))) as Float32Array);
      } catch (error) {
        throw failureOf(error, size);
      }
    },
    read: ({ handle }) => (handle as Float32Array).slice(),
    // The garbage collector takes it.
    release: () => {},
    dispose: () => gpu.destroy(),
  };
}

function failureOf(error: unknown, size: number): unknown {
  if (isMaceError(error)) return error;
  if (error instanceof RangeError)
    return new DeviceError(
      'out-of-memory',
      `gpu.js, cpu: an array of ${4 * size} bytes could not be made. Compute fewer structures at once.`,
      { cause: error },
    );
  return new DeviceError(
    'rejected',
    `gpu.js, cpu: a kernel failed: ${String(error)}. Report it with the version of gpu.js.`,
    { cause: error },
  );
}
