/**
 * Finds an engine of TensorFlow.js without switching to it for good, and says what it is and what it can hold.
 *
 * `setBackend` is global to a namespace and, while an engine starts, not safe to interleave; so engines are started by
 * `findBackend`, and switched to only around synchronous stretches.
 */
import type { EngineName, Tf } from './tensors.js';

/** A started engine. */
export interface Engine {
  readonly tf: Tf;
  readonly name: EngineName;
  readonly device: string;
  readonly deterministic: boolean;
  readonly maxBufferBytes: number;
  /** Why it cannot be used any more; undefined as long as it can. */
  lost(): string | undefined;
  /** Calls once the engine is lost, where nothing else would tell; returns how to stop listening. */
  onLoss(listener: () => void): () => void;
}

export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

const packages: Readonly<Record<EngineName, string>> = {
  cpu: '@tensorflow/tfjs-backend-cpu',
  wasm: '@tensorflow/tfjs-backend-wasm',
  webgl: '@tensorflow/tfjs-backend-webgl',
  webgpu: '@tensorflow/tfjs-backend-webgpu',
  tensorflow: '@tensorflow/tfjs-node',
};
/** What the option `engine` may be. */
export const engineNames: readonly string[] = Object.keys(packages);
const oldest = [4, 22] as const;

/** The engine, started; or why it cannot be had. */
export async function findEngine(given: unknown, wanted: EngineName | undefined): Promise<Engine | Refusal> {
  const tf = namespaceIn(given);
  if (!tf)
    return {
      reason: 'the option tf is not the namespace of TensorFlow.js.',
      remedy: "Pass it: import * as tf from '@tensorflow/tfjs-core'; tfjs({ tf }).",
    };
  const version = String(tf.version_core);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > oldest[0] || (major === oldest[0] && minor >= oldest[1])))
    return {
      reason: `TensorFlow.js ${version} is too old; ${oldest.join('.')} is the oldest that is tested.`,
      remedy: `Update it: npm install @tensorflow/tfjs-core@^${oldest.join('.')}.0 and its engines.`,
    };
  if (wanted === undefined) await tf.ready();
  const name = wanted ?? tf.getBackend();
  if (!isEngineName(name))
    return {
      reason: `there is no engine ${String(name)}; known: ${engineNames.join(', ')}.`,
      remedy: 'Name one of these in the option engine.',
    };
  const backend = await started(tf, name);
  if (!backend) return absent(tf, name);
  // Phones and older devices compute in 16 bits without saying so.
  if (name === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'))
    return {
      reason: 'this WebGL computes in float16: it cannot render to float32 textures.',
      remedy: 'Use the engine wasm or webgpu here.',
    };
  const engine = { tf, name, ...described(tf, name, version, backend), ...losses(tf, name, backend) };
  const loss = engine.lost();
  return loss === undefined ? engine : { reason: `${loss}.`, remedy: restart(name) };
}

/** What to do about a lost engine. */
export function restart(name: EngineName): string {
  return `Reload the page, or register the engine anew (tf.removeBackend('${name}'), tf.registerBackend), then create a new backend; or use another engine.`;
}

/** What engines keep inside, as far as it is looked at here. All of it may be absent. */
interface Inside {
  readonly gpgpu?: { readonly gl?: WebGL };
  readonly device?: {
    readonly limits?: { readonly maxStorageBufferBindingSize?: number };
    readonly lost?: Promise<{ readonly message?: string }>;
  };
  readonly adapterInfo?: { readonly vendor?: string; readonly architecture?: string };
  readonly binding?: { readonly TF_Version?: string };
  readonly isUsingGpuDevice?: boolean;
}

interface WebGL {
  readonly MAX_TEXTURE_SIZE: number;
  readonly RENDERER: number;
  getParameter(what: number): unknown;
  getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  isContextLost(): boolean;
  readonly canvas?: {
    addEventListener(event: string, listener: () => void): void;
    removeEventListener(event: string, listener: () => void): void;
  };
}

function namespaceIn(given: unknown): Tf | undefined {
  // A CommonJS module that is imported as a namespace has its functions in `default`.
  for (const one of [given, Object(given).default])
    if (typeof Object(one).matMul === 'function' && typeof Object(one).setBackend === 'function') return one as Tf;
  return undefined;
}

function isEngineName(name: unknown): name is EngineName {
  return typeof name === 'string' && Object.hasOwn(packages, name);
}

async function started(tf: Tf, name: EngineName): Promise<Inside | undefined> {
  // Starting another engine meanwhile makes TensorFlow.js forget this start: try again.
  for (let attempt = 0; attempt < 5; attempt++) {
    const backend = tf.findBackend(name) as Inside | null | undefined;
    if (backend !== null) return backend;
    await tf.ready();
  }
  return (tf.findBackend(name) as Inside | null) ?? undefined;
}

function absent(tf: Tf, name: EngineName): Refusal {
  const known = 'engine' in tf ? (tf as unknown as { engine(): { backendNames(): string[] } }).engine() : undefined;
  const others = known?.backendNames().filter((one) => one !== name) ?? [];
  const instead = others.length > 0 ? ` Or use what is there: ${others.join(', ')}.` : '';
  if (name === 'tensorflow')
    return {
      reason: 'this namespace has no native binding.',
      remedy: `Pass the namespace of ${packages.tensorflow}. Its install script downloads a library; where that fails, npm run tfjs:native in a clone of this project builds it, and the engine wasm needs neither.${instead}`,
    };
  return {
    reason: `the engine ${name} is not there or does not start.`,
    remedy: `Import ${packages[name]}, of the same version, before${name.startsWith('web') ? ', in a page of a browser that has it' : ''}.${instead}`,
  };
}

function described(
  tf: Tf,
  name: EngineName,
  version: string,
  backend: Inside,
): Pick<Engine, 'device' | 'deterministic' | 'maxBufferBytes'> {
  const engine = `TensorFlow.js ${version}, ${name}`;
  switch (name) {
    case 'cpu':
      return { device: engine, deterministic: true, maxBufferBytes: 2 ** 31 };
    case 'wasm':
      return { device: engine, deterministic: true, maxBufferBytes: 2 ** 30 };
    case 'webgl': {
      const gl = backend.gpgpu?.gl;
      const info = gl?.getExtension('WEBGL_debug_renderer_info');
      const renderer = gl?.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? 'an unknown renderer';
      const side = Number(tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE'));
      return { device: `${engine} on ${String(renderer)}`, deterministic: true, maxBufferBytes: 4 * side ** 2 };
    }
    case 'webgpu': {
      const { vendor = '', architecture = '' } = backend.adapterInfo ?? {};
      const adapter = `${vendor} ${architecture}`.trim() || 'an unknown adapter';
      const maxBufferBytes = backend.device?.limits?.maxStorageBufferBindingSize ?? 2 ** 27;
      return { device: `${engine} on ${adapter}`, deterministic: true, maxBufferBytes };
    }
    case 'tensorflow': {
      const gpu = backend.isUsingGpuDevice === true;
      const device = `${engine} ${backend.binding?.TF_Version ?? ''} on ${gpu ? 'CUDA' : 'the CPU'}`;
      return { device, deterministic: !gpu, maxBufferBytes: 2 ** 31 };
    }
  }
}

function losses(tf: Tf, name: EngineName, backend: Inside): Pick<Engine, 'lost' | 'onLoss'> {
  const gl = backend.gpgpu?.gl;
  let deviceLoss: string | undefined;
  void backend.device?.lost?.then(({ message }) => (deviceLoss = `the WebGPU device is lost: ${message ?? ''}`.trim()));
  return {
    lost: () => {
      if (gl?.isContextLost()) return 'the WebGL context is lost';
      if (tf.findBackend(name) !== (backend as unknown)) return `the engine ${name} was removed`;
      return deviceLoss;
    },
    // A read that waits for a lost WebGL context waits for ever; WebGPU refuses it.
    onLoss: (listener) => {
      gl?.canvas?.addEventListener('webglcontextlost', listener);
      return () => gl?.canvas?.removeEventListener('webglcontextlost', listener);
    },
  };
}
