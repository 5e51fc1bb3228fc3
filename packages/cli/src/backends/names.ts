/** Names of the backends that come with the command line; what they load stands in `by-name.ts` and `engines.ts`. */
export const backendNames = [
  'reference',
  'wasm',
  'typed-arrays',
  'onnx',
  'onnx-web',
  'tfjs',
  'tfjs-wasm',
  'tfjs-node',
  'gpujs',
  'webgpu',
] as const;

export type BackendName = (typeof backendNames)[number];

/** What computes where nothing is chosen: it needs no installation and runs everywhere. */
export const defaultBackend: BackendName = 'wasm';
