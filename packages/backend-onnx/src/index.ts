/**
 * MACE on ONNX Runtime: each graph becomes an ONNX model, which the runtime of the caller loads and runs.
 *
 * The runtime is handed in: `onnx({ ort })` with the module `onnxruntime-node` or `onnxruntime-web`.
 */
import { BackendUnavailableError } from '@mace/core';
import { assembleBackend, type Availability, type BackendDefinition, type Capabilities } from '@mace/core/backend';
import { inspect, type Engine, type Ort, type Provider } from './engine.js';
import { compileExecutable } from './executable.js';
import { DataType, ModelBuilder } from './model-builder.js';
import { messageOf, Session, Turns } from './session.js';

export type { Ort, Provider } from './engine.js';
export { limitations } from './limitations.js';
export { exportOnnx, type ExportOptions, type GeometryInput } from './export/export-onnx.js';

export interface OnnxOptions {
  /** The module `onnxruntime-node` or `onnxruntime-web`, 1.20 or newer. */
  readonly ort: Ort;
  /** Where to compute. Default `cpu` with onnxruntime-node, `wasm` with onnxruntime-web. */
  readonly provider?: Provider;
  /** Threads of one run on the CPU. Default 1. */
  readonly threads?: number;
}

const name = 'onnx';

/** MACE on an ONNX Runtime. */
export function onnx(options: OnnxOptions): BackendDefinition {
  const probe = async (): Promise<{ engine: Engine; availability: Availability } | { availability: Availability }> => {
    const { ort, provider, threads = 1 } = Object(options) as Partial<OnnxOptions>;
    const engine = inspect(ort, provider, threads);
    if ('reason' in engine) return { availability: { available: false, ...engine } };
    try {
      await tryOut(engine);
    } catch (error) {
      return { availability: { available: false, ...refusalOf(engine, error) } };
    }
    return { engine, availability: { available: true, device: engine.device, capabilities: capabilitiesOf(engine) } };
  };
  return {
    contract: 1,
    name,
    probe: async () => (await probe()).availability,
    create: async () => {
      const probed = await probe();
      if (!('engine' in probed)) {
        const { reason, remedy } = probed.availability as Availability & { available: false };
        throw new BackendUnavailableError(`${name}: ${reason} ${remedy}`);
      }
      const { engine } = probed;
      const turns = new Turns();
      return assembleBackend({
        name,
        device: engine.device,
        capabilities: capabilitiesOf(engine),
        compile: (graph, compileOptions) => compileExecutable(graph, compileOptions, engine, turns),
        upload: (values, shape) => {
          const copy = values.slice();
          return { shape, bytes: copy.byteLength, read: async () => copy.slice(), dispose: () => {} };
        },
      });
    },
  };
}

/** What is promised. The conformance kit fails if a claim is false, and if it is too modest. */
function capabilitiesOf({ provider, precisions, threads }: Engine): Capabilities {
  const onHost = provider === 'cpu' || provider === 'wasm';
  return {
    precisions,
    // With several threads, the order of a sum depends on how the work is divided.
    deterministic: onHost && threads === 1,
    deviceTensors: false,
    maxBufferBytes: provider === 'cpu' ? 2 ** 31 : provider === 'wasm' ? 2 ** 30 : 2 ** 27,
  };
}

/** Loads and runs the smallest model, in the widest precision. */
async function tryOut(engine: Engine): Promise<void> {
  const wide = engine.precisions.includes('f64');
  const type = wide ? DataType.DOUBLE : DataType.FLOAT;
  const model = new ModelBuilder();
  const x = model.input('x', type, [1]);
  model.output('y', model.add('Add', [x, x]), type, [1]);
  const session = await Session.create(engine, new Turns(), model.finish('probe', { producer: name, version: '0' }));
  try {
    const one = wide ? Float64Array.of(1) : Float32Array.of(1);
    const feeds = { x: new engine.ort.Tensor(wide ? 'float64' : 'float32', one as never, [1]) };
    const { y } = await session.run(() => feeds);
    if ((y!.data as Float64Array)[0] !== 2) throw new Error('1 + 1 is not 2');
  } finally {
    session.release();
  }
}

function refusalOf({ provider }: Engine, error: unknown): { reason: string; remedy: string } {
  const onHost = provider === 'cpu' || provider === 'wasm';
  return {
    reason: `provider ${provider} cannot run a model: ${messageOf(error)}`,
    remedy: onHost
      ? 'Install the runtime again, or use another backend.'
      : `Install what ${provider} needs (drivers, the runtime's own build for it), or leave out the option provider.`,
  };
}
