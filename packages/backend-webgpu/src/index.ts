/**
 * MACE on WebGPU: kernels in WGSL that any GPU runs, in a page or in Node. The implementation of WebGPU is handed in; this package
 * imports none.
 */
/// <reference types="@webgpu/types" />
import { BackendUnavailableError, DeviceError, UnsupportedError } from '@mace/core/errors';
import {
  anything,
  assembleBackend,
  checkOptions,
  oneOf,
  type BackendDefinition,
  type Capabilities,
  type OptionRules,
} from '@mace/core/backend';
import { deviceOf, findAdapter, type FoundAdapter, type WebgpuOptions } from './adapter.js';
import { Engine, usage } from './engine.js';
import { compileExecutable } from './executable.js';
import { tensorIn } from './tensor.js';

export { limitations, type Limitation } from './limitations.js';
export { printKernels } from './plan.js';
export type { WebgpuOptions } from './adapter.js';

const name = 'webgpu';

const rules: OptionRules<WebgpuOptions> = {
  gpu: anything,
  powerPreference: oneOf('high-performance', 'low-power'),
  workPerSubmit: {
    expected: 'a number above 0',
    holds: (value) => typeof value === 'number' && value > 0,
  },
};

/** MACE on WebGPU in float32; nothing happens until `probe` or `create`. @throws UnsupportedError (`option`) */
export function webgpu(options: WebgpuOptions): BackendDefinition {
  checkOptions(name, options, rules);
  const find = (): ReturnType<typeof findAdapter> => findAdapter((Object(options) as Partial<WebgpuOptions>) ?? {});
  return {
    contract: 2,
    name,
    probe: async () => {
      const found = await find();
      if ('reason' in found) return { available: false, ...found };
      return { available: true, device: found.description, capabilities: capabilitiesOf(found) };
    },
    create: async () => {
      const found = await find();
      if ('reason' in found) throw new BackendUnavailableError(`${name}: ${found.reason} ${found.remedy}`);
      const engine = new Engine(await started(found), found.maxBufferBytes, options.workPerSubmit);
      return assembleBackend({
        name,
        device: found.description,
        capabilities: capabilitiesOf(found),
        fusions: ['pointwise-chain'],
        compile: (graph, compileOptions) => compileExecutable(engine, graph, compileOptions, found.arrays - 1),
        upload: (values, shape) => {
          const bytes = 4 * values.length;
          if (bytes > found.maxBufferBytes)
            throw new UnsupportedError(
              'size',
              `upload: [${shape.join(' ')}] takes ${bytes} bytes; one buffer of ${name} has at most ${found.maxBufferBytes}. Upload it in parts.`,
            );
          engine.check();
          const buffer = engine.buffers.take(bytes, usage.storage);
          engine.write(buffer, Float32Array.from(values));
          return tensorIn(engine, buffer, shape);
        },
        dispose: () => engine.dispose(),
      });
    },
  };
}

async function started(found: FoundAdapter): Promise<GPUDevice> {
  try {
    return await deviceOf(found);
  } catch (error) {
    throw new DeviceError(
      'rejected',
      `${found.description} gives no device: ${error instanceof Error ? error.message : String(error)}. Close other pages that use it, update the driver, or use the backend wasm.`,
      { cause: error },
    );
  }
}

function capabilitiesOf({ maxBufferBytes }: FoundAdapter): Capabilities {
  return { precisions: ['f32'], deterministic: true, deviceTensors: true, maxBufferBytes };
}
