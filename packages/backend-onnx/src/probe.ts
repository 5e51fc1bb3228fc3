/** Finds out what a module can do: which runtime it is, whether it runs a model where it was asked to, on how many threads. */
import { isOnHost, type Engine, type Ort, type Provider, type Refusal } from './engine.js';
import { DataType, ModelBuilder } from './model-builder.js';
import { messageOf, Session, Turns } from './session.js';

/** The first version whose CPU kernels are the ones that were tested. */
const oldest = [1, 20] as const;

/** The engine behind a module, or why there is none. Never throws, leaves no session. */
export async function findEngine(
  ort: unknown,
  provider: Provider | undefined,
  threads: number | undefined,
): Promise<{ readonly engine: Engine } | { readonly refusal: Refusal }> {
  const engine = inspect(ort, provider, threads ?? 1);
  if ('reason' in engine) return { refusal: engine };
  try {
    await tryOut(engine);
  } catch (error) {
    return { refusal: refusalOf(engine, error) };
  }
  // The web runtime settles its threads when it starts, and tells.
  const own = engine.provider === 'wasm' ? (engine.ort.env.wasm?.numThreads ?? 1) : engine.threads;
  if (threads !== undefined && own !== threads)
    return {
      refusal: {
        reason: `threads is ${threads}, but onnxruntime-web runs with ${own}.`,
        remedy: `Set ort.env.wasm.numThreads = ${threads} before anything uses it, or leave out the option threads.`,
      },
    };
  const [runtime] = engine.device.split(',');
  return { engine: { ...engine, threads: own, device: deviceOf(runtime!, engine.provider, own) } };
}

/** Looks at a module without starting anything. */
function inspect(ort: unknown, provider: Provider | undefined, threads: number): Engine | Refusal {
  if (!isOrt(ort))
    return {
      reason: 'the option ort is not the module of an ONNX Runtime.',
      remedy:
        "Pass it: import * as ort from 'onnxruntime-node' (or onnxruntime-web), then onnx({ ort }). Install it with npm install onnxruntime-node.",
    };
  const { node, web, common } = ort.env.versions;
  const kind = node !== undefined ? 'node' : web !== undefined ? 'web' : undefined;
  const version = node ?? web ?? common;
  if (kind === undefined || version === undefined || isOlder(version))
    return {
      reason: `ONNX Runtime ${version ?? 'of unknown version'} is too old; ${oldest.join('.')} is needed.`,
      remedy: `Install a newer one: npm install onnxruntime-${kind ?? 'node'}@latest.`,
    };
  // To the web runtime, cpu is another name of wasm.
  const host = kind === 'node' ? 'cpu' : 'wasm';
  const chosen = provider === undefined || (provider === 'cpu' && kind === 'web') ? host : provider;
  return {
    ort,
    provider: chosen,
    threads,
    device: deviceOf(`onnxruntime-${kind} ${version}`, chosen, threads),
    precisions: isOnHost({ provider: chosen }) ? ['f64', 'f32'] : ['f32'],
  };
}

function deviceOf(runtime: string, provider: Provider, threads: number): string {
  const text = `${runtime}, ${provider}`;
  return isOnHost({ provider }) ? `${text}, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : text;
}

function isOrt(value: unknown): value is Ort {
  const { InferenceSession, Tensor, env } = Object(value) as Partial<Ort>;
  return typeof InferenceSession?.create === 'function' && typeof Tensor === 'function' && env?.versions !== undefined;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major !== oldest[0] ? major < oldest[0] : minor < oldest[1];
}

/** Loads and runs the smallest model, in the widest precision. */
async function tryOut(engine: Engine): Promise<void> {
  const wide = engine.precisions.includes('f64');
  const type = wide ? DataType.DOUBLE : DataType.FLOAT;
  const model = new ModelBuilder();
  const x = model.input('x', type, [1]);
  model.output('y', model.add('Add', [x, x]), type, [1]);
  const session = await Session.create(engine, new Turns(), model.finish('probe', { producer: 'onnx', version: '0' }));
  try {
    const one = wide ? Float64Array.of(1) : Float32Array.of(1);
    const feeds = { x: new engine.ort.Tensor(wide ? 'float64' : 'float32', one as never, [1]) };
    const { y } = await session.run(() => feeds);
    if (((await y!.getData()) as Float64Array)[0] !== 2) throw new Error('1 + 1 is not 2');
    y!.dispose();
  } finally {
    session.release();
  }
}

function refusalOf(engine: Engine, error: unknown): { reason: string; remedy: string } {
  const { provider } = engine;
  return {
    reason: `provider ${provider} cannot run a model: ${messageOf(error)}`,
    remedy: isOnHost(engine)
      ? 'Install the runtime again, or use another backend.'
      : `Install what ${provider} needs (drivers, the runtime's own build for it), or leave out the option provider.`,
  };
}
