/**
 * MACE on gpu.js: kernels in its subset of JavaScript, which it runs on the processor or as WebGL shaders.
 *
 * The class is handed in; this package imports nothing of it.
 */
import { BackendUnavailableError, UnsupportedError } from '@mace/core/errors';
import {
  anything,
  assembleBackend,
  checkOptions,
  oneOf,
  type BackendDefinition,
  type Capabilities,
  type OptionRules,
  type RealArray,
  type TensorParts,
} from '@mace/core/backend';
import { cpuDevice } from './cpu-device.js';
import type { Device } from './device.js';
import { examine, modes, type GpuClass, type Mode } from './engine.js';
import { compileExecutable } from './executable.js';
import { webglDevice } from './webgl-device.js';

export type { Mode } from './engine.js';
export { limitations, type Limitation } from './limitations.js';

/** What `gpujs` is made of. */
export interface GpujsOptions {
  /** The class `GPU` of gpu.js 2.24 or later. */
  readonly GPU: unknown;
  /** Default: the first of webgl2, webgl and cpu that runs here. */
  readonly mode?: Mode;
}

const name = 'gpujs';

const rules: OptionRules<GpujsOptions> = { GPU: anything, mode: oneOf(...modes) };

/** MACE on gpu.js in float32; nothing happens until `probe` or `create`. @throws UnsupportedError (`option`) */
export function gpujs(options: GpujsOptions): BackendDefinition {
  checkOptions(name, options, rules);
  const find = (): ReturnType<typeof examine> => {
    const { GPU, mode } = (options as Partial<GpujsOptions> | undefined) ?? {};
    return examine(GPU, mode);
  };
  return {
    contract: 2,
    name,
    probe: async () => {
      const finding = find();
      if (!finding.found) return { available: false, reason: finding.reason, remedy: finding.remedy };
      return { available: true, device: finding.device, capabilities: capabilitiesOf(finding.maxBufferBytes) };
    },
    create: async () => {
      const finding = find();
      if (!finding.found) throw new BackendUnavailableError(`${finding.reason} ${finding.remedy}`);
      const GPU = options.GPU as GpuClass;
      const device = finding.mode === 'cpu' ? cpuDevice(GPU) : webglDevice(GPU, finding.mode);
      const capabilities = capabilitiesOf(finding.maxBufferBytes);
      return assembleBackend({
        name,
        device: finding.device,
        capabilities,
        compile: async (graph, compileOptions) => compileExecutable(device, graph, compileOptions),
        upload: (values, shape) => tensor(device, capabilities, values, shape),
        dispose: () => device.dispose(),
      });
    },
  };
}

function capabilitiesOf(maxBufferBytes: number): Capabilities {
  return { precisions: ['f32'], deterministic: true, deviceTensors: false, maxBufferBytes };
}

function tensor(
  device: Device,
  { maxBufferBytes }: Capabilities,
  values: RealArray,
  shape: readonly number[],
): TensorParts {
  if (4 * values.length > maxBufferBytes)
    throw new UnsupportedError(
      'size',
      `upload: [${shape.join(' ')}] takes ${4 * values.length} bytes; one buffer of ${name} has at most ${maxBufferBytes}. Upload it in parts.`,
    );
  const buffer = device.upload(values);
  return {
    shape,
    bytes: buffer.bytes,
    read: async () => device.read(buffer),
    dispose: () => device.release(buffer),
  };
}
