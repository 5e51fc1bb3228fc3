/** The backends that a page can choose from, by name, and what people should know of each before it is loaded. */

export interface BackendEntry {
  readonly name: string;
  readonly title: string;
  /** What it runs on, in a sentence. */
  readonly note: string;
  readonly precisions: readonly ('f64' | 'f32')[];
  /** What a browser must have; without it the backend is not offered, and the reason is shown. */
  readonly needs?: 'webgpu' | 'webgl';
}

export const backendList = [
  {
    name: 'wasm',
    title: 'WebAssembly',
    note: 'Any processor; threads where the page is isolated.',
    precisions: ['f64', 'f32'],
  },
  { name: 'webgpu', title: 'WebGPU', note: 'The graphics processor.', precisions: ['f32'], needs: 'webgpu' },
  {
    name: 'onnx-web',
    title: 'ONNX Runtime',
    note: 'ONNX Runtime Web, compiled to WebAssembly.',
    precisions: ['f64', 'f32'],
  },
  {
    name: 'onnx-webgpu',
    title: 'ONNX Runtime, WebGPU',
    note: 'ONNX Runtime Web on the graphics processor.',
    precisions: ['f32'],
    needs: 'webgpu',
  },
  {
    name: 'tfjs-webgl',
    title: 'TensorFlow.js, WebGL',
    note: 'TensorFlow.js on the graphics processor, by WebGL.',
    precisions: ['f32'],
    needs: 'webgl',
  },
  {
    name: 'tfjs-wasm',
    title: 'TensorFlow.js, WebAssembly',
    note: 'TensorFlow.js on the processor.',
    precisions: ['f32'],
  },
  {
    name: 'tfjs-cpu',
    title: 'TensorFlow.js, JavaScript',
    note: 'TensorFlow.js in plain JavaScript.',
    precisions: ['f32'],
  },
  {
    name: 'gpujs-webgl',
    title: 'gpu.js',
    note: 'gpu.js on the graphics processor, by WebGL.',
    precisions: ['f32'],
    needs: 'webgl',
  },
  {
    name: 'typed-arrays',
    title: 'Plain JavaScript',
    note: 'Typed arrays, no engine: the one to read.',
    precisions: ['f64', 'f32'],
  },
  {
    name: 'reference',
    title: 'Reference',
    note: 'Defines what is right; slow.',
    precisions: ['f64', 'f32'],
  },
] as const satisfies readonly BackendEntry[];

export type BackendName = (typeof backendList)[number]['name'];

export function backendEntry(name: BackendName): BackendEntry {
  return backendList.find((one) => one.name === name)!;
}
