/** Loads a backend with its engine, in the worker: nothing of an engine is fetched before somebody chooses it. */
import { BackendUnavailableError, reference, type BackendDefinition } from '@mace/core';
import { wasm } from '@mace/backend-wasm';
import type { Limitation } from '@mace/conformance';
import type { BackendName } from './backend-list.js';

export interface LoadedBackend {
  readonly definition: BackendDefinition;
  readonly limitations: readonly Limitation[];
}

const loaders: Readonly<Record<BackendName, () => Promise<LoadedBackend>>> = {
  // The default, which comes with the worker.
  wasm: async () => ({ definition: wasm(), limitations: [] }),
  webgpu: async () => {
    const { webgpu, limitations } = await import('@mace/backend-webgpu');
    return { definition: webgpu({ gpu: navigator.gpu }), limitations };
  },
  'onnx-web': async () => {
    const [ort, { onnx, limitations }] = await Promise.all([import('onnxruntime-web'), import('@mace/backend-onnx')]);
    ort.env.wasm.numThreads = 1;
    return { definition: onnx({ ort }), limitations };
  },
  'onnx-webgpu': async () => {
    const [ort, { onnx, limitationsOfShaders }] = await Promise.all([
      import('onnxruntime-web/webgpu'),
      import('@mace/backend-onnx'),
    ]);
    return { definition: onnx({ ort, provider: 'webgpu' }), limitations: limitationsOfShaders };
  },
  'tfjs-webgl': () => withTensorFlow('webgl', () => import('@tensorflow/tfjs-backend-webgl')),
  'tfjs-wasm': () => withTensorFlow('wasm', setUpTensorFlowWasm),
  'tfjs-cpu': () => withTensorFlow('cpu', () => import('@tensorflow/tfjs-backend-cpu')),
  'gpujs-webgl': async () => {
    const { GPU } = await import('gpu.js');
    const { gpujs, limitations } = await import('@mace/backend-gpujs');
    return { definition: gpujs({ GPU, mode: 'webgl2' }), limitations };
  },
  'typed-arrays': async () => ({
    definition: (await import('@mace/backend-typed-arrays')).typedArrays(),
    limitations: [],
  }),
  reference: async () => ({ definition: reference(), limitations: [] }),
};

/** @throws Error where its files cannot be fetched, or its engine cannot begin */
export async function loadBackend(name: BackendName): Promise<LoadedBackend> {
  try {
    return await loaders[name]();
  } catch (cause) {
    // As browsers fail where a file of a module does not come.
    if (!(cause instanceof TypeError)) throw cause;
    throw new Error(
      `the files of ${name} could not be loaded. They are fetched when it is first chosen: is there a network? (${cause.message})`,
      { cause },
    );
  }
}

/** A backend that runs here. @throws BackendUnavailableError with what it says against it */
export async function loadAvailable(name: BackendName): Promise<LoadedBackend & { readonly threads: number }> {
  const loaded = await loadBackend(name);
  const probe = await loaded.definition.probe();
  if (!probe.available) throw new BackendUnavailableError(`${probe.reason} ${probe.remedy}`.trim());
  return { ...loaded, threads: probe.capabilities.threads ?? 1 };
}

/** TensorFlow.js with one of its engines, which registers itself. */
async function withTensorFlow(
  engine: 'webgl' | 'wasm' | 'cpu',
  register: () => Promise<unknown>,
): Promise<LoadedBackend> {
  const tf = await import('@tensorflow/tfjs-core');
  await register();
  const { tfjs, limitations, limitationsOfShaders } = await import('@mace/backend-tfjs');
  return { definition: tfjs({ tf, engine }), limitations: engine === 'webgl' ? limitationsOfShaders : limitations };
}

async function setUpTensorFlowWasm(): Promise<void> {
  const { env } = await import('@tensorflow/tfjs-core');
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const [plain, simd, threaded] = await Promise.all([
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'),
  ]);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain.default,
    'tfjs-backend-wasm-simd.wasm': simd.default,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded.default,
  });
  // Its threads begin as text of its own sources, which a bundler has renamed.
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
}
