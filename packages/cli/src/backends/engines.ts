/**
 * The engines of other people, found where they are installed and handed to the backend that knows them. One that is not
 * there becomes a definition that says so, and how to get it.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { BackendUnavailableError, type BackendDefinition } from '@mace/core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { installation } from '../clone.js';
import type { FoundBackend } from './found-backend.js';

/** Backends by name, each on one engine. */
export const engineBackends = {
  onnx: () =>
    withEngine('onnx', 'onnxruntime-node', async () => {
      const ort = await import('onnxruntime-node');
      const { onnx, limitations } = await import('@mace/backend-onnx');
      return { definition: onnx({ ort }), limitations };
    }),
  'onnx-web': () =>
    withEngine('onnx', 'onnxruntime-web', async () => {
      const ort = await import('onnxruntime-web');
      const { onnx, limitations } = await import('@mace/backend-onnx');
      return { definition: onnx({ ort }), limitations };
    }),
  tfjs: () =>
    withEngine('tfjs', '@tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu', async () => {
      const tf = await import('@tensorflow/tfjs-core');
      await import('@tensorflow/tfjs-backend-cpu');
      const { tfjs, limitations } = await import('@mace/backend-tfjs');
      return { definition: tfjs({ tf, engine: 'cpu' }), limitations };
    }),
  'tfjs-wasm': () =>
    withEngine('tfjs', '@tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm', async () => {
      const tf = await import('@tensorflow/tfjs-core');
      await import('@tensorflow/tfjs-backend-wasm');
      const { tfjs, limitations } = await import('@mace/backend-tfjs');
      return { definition: tfjs({ tf, engine: 'wasm' }), limitations };
    }),
  'tfjs-node': () =>
    withEngine('tfjs', '@tensorflow/tfjs-node', async () => {
      const tf = (await imported('@tensorflow/tfjs-node')) as typeof TensorFlow;
      const { tfjs, limitations } = await import('@mace/backend-tfjs');
      return { definition: tfjs({ tf, engine: 'tensorflow' }), limitations };
    }),
  gpujs: () =>
    withEngine('gpujs', 'gpu.js', async () => {
      const { GPU } = await import('gpu.js');
      const { gpujs, limitations } = await import('@mace/backend-gpujs');
      return { definition: gpujs({ GPU, mode: 'cpu' }), limitations };
    }),
  webgpu: () =>
    withEngine('webgpu', 'webgpu', async () => {
      const { create } = await import('webgpu');
      if (typeof create !== 'function') throw new Error('it is older than 0.3, the first version that serves');
      const { webgpu, limitations } = await import('@mace/backend-webgpu');
      return { definition: webgpu({ gpu: (gpuOfNode ??= create([])) }), limitations };
    }),
} satisfies Readonly<Record<string, () => Promise<FoundBackend>>>;

/** The process ends in a crash where it is not held on to. */
let gpuOfNode: GPU | undefined;

const remedies: Readonly<Record<string, string>> = {
  webgpu: `${installation('webgpu')} The backend wasm needs neither it nor a GPU.`,
  '@tensorflow/tfjs-node':
    'Its install script downloads libtensorflow; in a clone `npm run tfjs:native` builds the binding without it. tfjs-wasm serves everywhere.',
};

/** Where an engine may be that is not a dependency: what `npm run tfjs:native` built in the clone, the project one works in. */
const places = [join('.setup', 'tfjs-native'), '.'];

/** A CommonJS package of the first place that has it. @throws Error of the last place */
async function imported(name: string): Promise<unknown> {
  let failure: unknown;
  for (const place of places) {
    try {
      return createRequire(resolve(place, 'package.json'))(name);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** What `make` gives, or a definition that is unavailable because one of `packages` is missing or broken. */
async function withEngine(name: string, packages: string, make: () => Promise<FoundBackend>): Promise<FoundBackend> {
  try {
    return await make();
  } catch (error) {
    const reason = `${packages} cannot be loaded (${messageOf(error)}).`;
    return {
      definition: unavailable(name, reason, remedies[packages] ?? installation(packages)),
      limitations: [],
    };
  }
}

function unavailable(name: string, reason: string, remedy: string): BackendDefinition {
  return {
    contract: 2,
    name,
    probe: async () => ({ available: false, reason, remedy }),
    create: async () => {
      throw new BackendUnavailableError(`${name}: ${reason} ${remedy}`);
    },
  };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
