/** Kernels of one instance of gpu.js, made once per source: sizes are arguments, so another size is no other kernel. */
import type { KernelSource } from './device.js';
import type { GpuInstance, GpuKernel } from './engine.js';
import type { NativeFunction } from './elementary-glsl.js';

/** Gives the kernel of a source. */
export type KernelCache = (source: KernelSource) => GpuKernel;

/** @param settings - of gpu.js, for every kernel; `bufferType` is what it calls an array of this mode */
export function kernelCache(
  gpu: GpuInstance,
  natives: readonly NativeFunction[],
  bufferType: string,
  settings: Readonly<Record<string, unknown>>,
): KernelCache {
  for (const { name, source, returnType } of natives) gpu.addNativeFunction(name, source, { returnType });
  const kernels = new Map<string, GpuKernel>();
  return ({ code, kinds }) => {
    let kernel = kernels.get(code);
    if (!kernel) {
      const argumentTypes = kinds.map((kind) => (kind === 'buffer' ? bufferType : 'Integer'));
      kernel = gpu.createKernel(code, {
        ...settings,
        argumentTypes,
        returnType: 'Number',
        output: [1],
        dynamicOutput: true,
        dynamicArguments: true,
        // gpu.js stops every loop whose bound it does not know after a number of turns; no array is longer than this.
        loopMaxIterations: 2 ** 30,
      });
      kernels.set(code, kernel);
    }
    return kernel;
  };
}
