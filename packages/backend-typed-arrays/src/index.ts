/**
 * The smallest complete backend: the primitive ops on typed arrays, everything else through legalization.
 *
 * It is the template that `npm run new:backend` copies, so it favors the reader over the clock.
 */
import { assembleBackend, type BackendDefinition, type Capabilities } from '@mace/core/backend';
import { compileExecutable, tensorOf } from './executable.js';

export { limitations, type Limitation } from './limitations.js';

/** What this backend promises. The conformance kit fails if a claim is false, and if it is too modest. */
const capabilities: Capabilities = {
  precisions: ['f64', 'f32'],
  deterministic: true,
  specials: 'ieee',
  deviceTensors: true,
  maxBufferBytes: 2 ** 31,
};

const name = 'typed-arrays';
const device = 'JavaScript, one thread';

/** MACE on plain typed arrays, in the thread that calls it. */
export function typedArrays(): BackendDefinition {
  return {
    contract: 2,
    name,
    // An engine that may be missing says so here: { available: false, reason: 'no GPU.', remedy: 'Use wasm instead.' }.
    probe: async () => ({ available: true, device, capabilities }),
    create: async () =>
      assembleBackend({
        name,
        device,
        capabilities,
        compile: async (graph, options) => compileExecutable(graph, options),
        upload: (values, shape) => tensorOf(values.slice(), shape),
      }),
  };
}
