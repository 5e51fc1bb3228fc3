// The backends that need a page, as modules that give their definition, and the files that their engines load.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './workspace.mjs';

/**
 * `limitations`: the export of the package that lists them, where it is not called that. `casesPerPage`: an engine that never
 * gives back what it compiled gets a browser anew after so many cases of the whole kit.
 * @typedef {{ package: string, definition: string, assets: string[], float64?: boolean, limitations?: string,
 *   casesPerPage?: number }} PageBackend
 */

const onnxFolder = join(root, 'packages', 'backend-onnx');

/** @type {Readonly<Record<string, PageBackend>>} */
export const pageBackends = {
  'wasm-page': {
    package: 'wasm',
    definition: `import { wasm } from '@mace/backend-wasm'; const definition = wasm();`,
    assets: [],
    float64: true,
  },
  'webgpu-page': {
    package: 'webgpu',
    definition: `import { webgpu } from '@mace/backend-webgpu'; const definition = webgpu({ gpu: navigator.gpu });`,
    assets: [],
  },
  'onnx-webgpu': {
    package: 'onnx',
    definition: `import * as ort from 'onnxruntime-web/webgpu'; import { onnx } from '@mace/backend-onnx';
      ort.env.wasm.wasmPaths = '/assets/'; const definition = onnx({ ort, provider: 'webgpu' });`,
    assets: [engineFolder(onnxFolder, 'onnxruntime-web')],
    limitations: 'limitationsOfShaders',
  },
  'onnx-web-page': {
    package: 'onnx',
    definition: `import * as ort from 'onnxruntime-web'; import { onnx } from '@mace/backend-onnx';
      ort.env.wasm.wasmPaths = '/assets/'; ort.env.wasm.numThreads = 1; const definition = onnx({ ort });`,
    assets: [engineFolder(onnxFolder, 'onnxruntime-web')],
  },
  'tfjs-webgpu': {
    package: 'tfjs',
    definition: `import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-webgpu';
      import { tfjs } from '@mace/backend-tfjs'; const definition = tfjs({ tf, engine: 'webgpu' });`,
    assets: [],
  },
  'tfjs-webgl': {
    package: 'tfjs',
    definition: `import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-webgl';
      import { tfjs } from '@mace/backend-tfjs'; const definition = tfjs({ tf, engine: 'webgl' });`,
    limitations: 'limitationsOfShaders',
    assets: [],
    // It keeps a shader for every shape it has met: 13 GB after 900 cases.
    casesPerPage: 100,
  },
  'gpujs-webgl': {
    package: 'gpujs',
    definition: `import { GPU } from 'gpu.js'; import { gpujs } from '@mace/backend-gpujs';
      const definition = gpujs({ GPU, mode: 'webgl2' });`,
    assets: [],
  },
};

/** A page backend as what `runInPage` takes for a module, which exports `definition`. @param {string} name */
export function moduleOf(name) {
  const backend = pageBackends[name];
  if (!backend) throw new Error(`there is no page backend ${name}; known: ${Object.keys(pageBackends).join(', ')}.`);
  return {
    source: `${backend.definition}\nexport { definition };`,
    folder: join(root, 'packages', `backend-${backend.package}`),
  };
}

/**
 * Where the files of an engine are that a page loads by name.
 * @param {string} from
 * @param {string} engine
 */
function engineFolder(from, engine) {
  return dirname(createRequire(join(from, 'package.json')).resolve(engine));
}
