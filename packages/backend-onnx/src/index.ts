/**
 * MACE on ONNX Runtime: each graph becomes an ONNX model, which the runtime of the caller loads and runs.
 *
 * The runtime is handed in: `onnx({ ort })` with the module `onnxruntime-node` or `onnxruntime-web`.
 */
import { BackendUnavailableError } from '@mace/core/errors';
import {
  anything,
  assembleBackend,
  checkOptions,
  someName,
  wholeNumber,
  type BackendDefinition,
  type Capabilities,
  type OptionRules,
} from '@mace/core/backend';
import { computesAlone, type Engine, type Ort, type Provider, type Refusal } from './engine.js';
import { uploaded } from './device-tensor.js';
import { compileExecutable } from './executable.js';
import { lowerings } from './lowering.js';
import { findEngine } from './probe.js';
import { Turns } from './session.js';

export type { Ort, Provider } from './engine.js';
export { limitations, limitationsOfShaders } from './limitations.js';
export { exportOnnx, type ExportOptions, type FileOutput, type GeometryInput } from './export/export-onnx.js';

export interface OnnxOptions {
  /** The module `onnxruntime-node` or `onnxruntime-web`, 1.20 or newer. */
  readonly ort: Ort;
  /** Where to compute. Default `cpu` with onnxruntime-node, `wasm` with onnxruntime-web. */
  readonly provider?: Provider;
  /**
   * Threads of one run on the CPU; results are the same bits in any batch only with one. Default 1 with onnxruntime-node.
   * onnxruntime-web has `ort.env.wasm.numThreads` of its own, to be set before it is used.
   */
  readonly threads?: number;
}

const name = 'onnx';

const rules: OptionRules<OnnxOptions> = { ort: anything, provider: someName, threads: wholeNumber(1) };

/** MACE on an ONNX Runtime. @throws UnsupportedError (`option`) */
export function onnx(options: OnnxOptions): BackendDefinition {
  checkOptions(name, options, rules);
  const probe = async (): Promise<{ readonly engine: Engine } | { readonly refusal: Refusal }> => {
    const { ort, provider, threads } = Object(options) as Partial<OnnxOptions>;
    return findEngine(ort, provider, threads);
  };
  return {
    contract: 2,
    name,
    probe: async () => {
      const found = await probe();
      return 'refusal' in found
        ? { available: false, ...found.refusal }
        : { available: true, device: found.engine.device, capabilities: capabilitiesOf(found.engine) };
    },
    create: async () => {
      const found = await probe();
      if ('refusal' in found)
        throw new BackendUnavailableError(`${name}: ${found.refusal.reason} ${found.refusal.remedy}`);
      const { engine } = found;
      const turns = new Turns();
      return assembleBackend({
        name,
        device: engine.device,
        capabilities: capabilitiesOf(engine),
        fusions: lowerings.fusions!.map((fusion) => fusion.name),
        compile: (graph, compileOptions) => compileExecutable(graph, compileOptions, engine, turns),
        upload: (values, shape) => uploaded(engine, turns, values, shape),
      });
    },
  };
}

/** What is promised. The conformance kit fails if a claim is false, and if it is too modest. */
function capabilitiesOf(engine: Engine): Capabilities {
  const { provider, precisions } = engine;
  return {
    precisions,
    // With several threads, the order of a sum depends on how the work is divided.
    deterministic: computesAlone(engine) || provider === 'webgpu',
    deviceTensors: true,
    maxBufferBytes: provider === 'cpu' ? 2 ** 31 : provider === 'wasm' ? 2 ** 30 : 2 ** 27,
  };
}
