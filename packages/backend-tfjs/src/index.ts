/**
 * MACE on TensorFlow.js: each graph runs op by op on an engine of the namespace that the caller hands in, which may be
 * that of `@tensorflow/tfjs-core` with one of its engines, of `@tensorflow/tfjs`, or of `@tensorflow/tfjs-node`.
 */
import { BackendUnavailableError } from '@mace/core/errors';
import {
  anything,
  assembleBackend,
  checkOptions,
  oneOf,
  type Availability,
  type BackendDefinition,
  type Capabilities,
  type OptionRules,
} from '@mace/core/backend';
import { engineNames, findEngine, type Engine } from './engine.js';
import { compileExecutable } from './executable.js';
import type { EngineName, Tf } from './tensors.js';
import { uploaded } from './uploaded.js';

export { limitations, limitationsOfShaders, type Limitation } from './limitations.js';
export type { EngineName, Tf } from './tensors.js';

export interface TfjsOptions {
  /** The namespace of `@tensorflow/tfjs-core`, `@tensorflow/tfjs` or `@tensorflow/tfjs-node`, 4.22 or newer. */
  readonly tf: Tf;
  /** Where to compute; its package must be imported. Default: the engine that is current in `tf`. */
  readonly engine?: EngineName;
}

const name = 'tfjs';

const rules: OptionRules<TfjsOptions> = { tf: anything, engine: oneOf(...engineNames) };

/** MACE on TensorFlow.js. @throws UnsupportedError (`option`) */
export function tfjs(options: TfjsOptions): BackendDefinition {
  checkOptions(name, options, rules);
  return {
    contract: 2,
    name,
    probe: async (): Promise<Availability> => {
      const engine = await engineOf(options);
      return 'reason' in engine
        ? { available: false, ...engine }
        : { available: true, device: engine.device, capabilities: capabilitiesOf(engine) };
    },
    create: async () => {
      const engine = await engineOf(options);
      if ('reason' in engine) throw new BackendUnavailableError(`${name}: ${engine.reason} ${engine.remedy}`);
      return assembleBackend({
        name,
        device: engine.device,
        capabilities: capabilitiesOf(engine),
        compile: async (graph, compileOptions) => compileExecutable(graph, compileOptions, engine),
        upload: (values, shape) => uploaded(engine, values, shape),
      });
    },
  };
}

async function engineOf(options: unknown): Promise<Engine | { reason: string; remedy: string }> {
  const { tf, engine } = Object(options) as Partial<TfjsOptions>;
  try {
    return await findEngine(tf, engine);
  } catch (error) {
    return {
      reason: `TensorFlow.js fails to start: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'Import an engine, such as @tensorflow/tfjs-backend-wasm, before; or name another one.',
    };
  }
}

/** What is promised. The conformance kit fails if a claim is false, and if it is too modest. */
function capabilitiesOf({ deterministic, maxBufferBytes }: Engine): Capabilities {
  return { precisions: ['f32'], deterministic, deviceTensors: true, maxBufferBytes };
}
