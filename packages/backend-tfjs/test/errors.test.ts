// What is refused, what an error says, and that nothing stays behind: not after dispose, not after a hundred failing runs.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterEach, describe, expect, test } from 'vitest';
import { tfjs, type EngineName, type Tf, type TfjsOptions } from '@mace/backend-tfjs';
import type { Backend } from '@mace/core';
import { indexMapValues, type RunInputs, type DeviceTensor } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';

const backends: Backend[] = [];
afterEach(async () => {
  for (const backend of backends.splice(0)) await backend.dispose();
});

async function created(options: TfjsOptions): Promise<Backend> {
  const backend = await tfjs(options).create();
  backends.push(backend);
  return backend;
}

/** TensorFlow.js with some of it replaced. */
function changed(parts: { readonly [K in keyof Tf]?: unknown }): Tf {
  return { ...tf, ...parts } as Tf;
}

const receiver = { name: 'receiver', from: 'edges', to: 'atoms' } as const;
const build = new GraphBuilder();
const weights = build.parameter('weights', [4, 3]);
const graph = build.finish('sums', {
  perAtom: build.segmentSum(build.tanh(build.matmul(build.input('x', ['edges', 4]), weights)), receiver),
  doubled: build.add(weights, weights),
});
const parameters = { weights: Float64Array.from({ length: 12 }, (_, i) => i / 12) };
const inputs: RunInputs = {
  dims: { atoms: 2, edges: 3, graphs: 1 },
  maps: { receiver: indexMapValues(Int32Array.of(1, 0, 1), 2) },
  values: { x: Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)) },
};

describe('probe', () => {
  test.each<[string, TfjsOptions, RegExp, RegExp]>([
    ['nothing', undefined as never, /not the namespace/, /tfjs\(\{ tf \}\)/],
    ['another module', { tf: { tfjs } as never }, /not the namespace/, /import \* as tf/],
    ['an old version', { tf: changed({ version_core: '3.21.0' }) }, /3\.21\.0 is too old; 4\.22/, /npm install/],
    ['no version', { tf: changed({ version_core: undefined }) }, /undefined is too old/, /npm install/],
    ['an engine that is not imported', { tf, engine: 'webgl' }, /webgl is not there/, /tfjs-backend-webgl.*: .*wasm/],
    ['no native binding', { tf, engine: 'tensorflow' }, /no native binding/, /tfjs-node.*tfjs:native.*wasm/],
    [
      'an engine that does not start',
      { tf: changed({ ready: () => Promise.reject(new Error('all initializations failed')) }) },
      /fails to start: all initializations failed/,
      /Import an engine/,
    ],
    [
      'WebGL in 16 bits',
      { tf: changed({ findBackend: () => ({}), env: () => ({ getBool: () => false }) }), engine: 'webgl' },
      /float16/,
      /wasm or webgpu/,
    ],
    [
      'a lost WebGL context',
      {
        tf: changed({
          findBackend: () => ({ gpgpu: { gl: { ...silentGl, isContextLost: () => true } } }),
          env: () => ({ getBool: () => true, getNumber: () => 4096 }),
        }),
        engine: 'webgl',
      },
      /context is lost/,
      /Reload the page/,
    ],
  ])('%s: says why and what to do', async (_name, options, reason, remedy) => {
    const definition = tfjs(options);
    const availability = await definition.probe();
    expect(availability.available).toBe(false);
    if (availability.available) return;
    expect(availability.reason).toMatch(reason);
    expect(availability.remedy).toMatch(remedy);
    await expect(definition.create()).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(definition.create()).rejects.toThrow(reason);
  });

  test.each([
    [{ tf, engine: 'cuda' }, /the option engine is "cuda"\. Expected cpu, wasm/],
    [{ tf, engine: null }, /the option engine is null/],
    [{ tf, backend: 'cpu' }, /no option backend\. Known: tf, engine\./],
    [null, /options are null/],
  ])('refuses at the call: %#', (options, message) => {
    expect(() => tfjs(options as never)).toThrow(message);
    expect(() => tfjs(options as never)).toThrow(expect.objectContaining({ code: 'unsupported', reason: 'option' }));
  });

  test('says what is there, and leaves the current engine', async () => {
    await tf.setBackend('cpu');
    expect(await tfjs({ tf, engine: 'wasm' }).probe()).toMatchObject({
      available: true,
      device: 'TensorFlow.js 4.22.0, wasm',
      capabilities: { precisions: ['f32'], deterministic: true, deviceTensors: true },
    });
    expect(tf.getBackend()).toBe('cpu');
    expect(await tfjs({ tf }).probe()).toMatchObject({ device: 'TensorFlow.js 4.22.0, cpu' });
  });

  test('takes a CommonJS module that is imported as a namespace', async () => {
    expect(await tfjs({ tf: { default: tf } as never, engine: 'cpu' }).probe()).toMatchObject({ available: true });
  });

  test('two engines may be started at once', async () => {
    const fresh: EngineName[] = ['wasm', 'cpu', 'wasm'];
    tf.removeBackend('cpu');
    const { MathBackendCPU } = (await import('@tensorflow/tfjs-backend-cpu')) as never as {
      MathBackendCPU: new () => tf.KernelBackend;
    };
    tf.registerBackend('cpu', async () => new MathBackendCPU(), 1);
    const found = await Promise.all(fresh.map((engine) => tfjs({ tf, engine }).probe()));
    expect(found.map(({ available }) => available)).toEqual([true, true, true]);
  });
});

test('two engines live side by side, and what was current stays so', async () => {
  await tf.setBackend('cpu');
  const both = await Promise.all([created({ tf, engine: 'wasm' }), created({ tf, engine: 'cpu' })]);
  const executables = await Promise.all(both.map((one) => one.compile(graph, { precision: 'f32', parameters })));
  const [wasm, cpu] = await Promise.all(executables.map((one) => one.run(inputs)));
  expect(Array.from(wasm!.perAtom!)).toEqual(Array.from(cpu!.perAtom!, (value) => expect.closeTo(value, 6) as number));
  expect(tf.getBackend()).toBe('cpu');
  const tensor = both[0]!.upload(Float64Array.of(1, 2), [2]);
  expect(tf.getBackend()).toBe('cpu');
  expect(Array.from(await tensor.read())).toEqual([1, 2]);
});

describe.each(['cpu', 'wasm'] as const)('memory of %s', (engine) => {
  test('is back where it was after dispose', async () => {
    const before = tf.memory().numTensors;
    const backend = await created({ tf, engine });
    const executable = await backend.compile(graph, { precision: 'f32', parameters });
    for (let i = 0; i < 3; i++) await executable.run(inputs);
    const held = tf.memory().numTensors;
    expect(held).toBeGreaterThan(before);
    // The parameter, and what depends on it alone.
    expect(backend.memory()).toEqual({ liveBytes: 2 * 12 * 4, liveBuffers: 2 });
    await executable.setParameters(parameters);
    await executable.run(inputs);
    expect(tf.memory().numTensors).toBe(held);
    const { perAtom } = await executable.run(inputs, { keep: ['perAtom'] });
    await (perAtom as DeviceTensor).read();
    await backend.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('does not grow with runs that fail, the first one included', async () => {
    const backend = await created({ tf, engine });
    const executable = await backend.compile(graph, { precision: 'f32', parameters });
    let [before, bytes] = [0, 0];
    for (let i = 0; i < 110; i++) {
      // By then what depends on parameters alone has been computed, and is kept.
      if (i === 10) [before, bytes] = [tf.memory().numTensors, backend.memory().liveBytes];
      let steps = 0;
      // Asked before each step: stops in the middle, each time somewhere else.
      const cancellation = {
        get aborted() {
          return steps++ > 1 + (i % 5);
        },
      };
      await executable.run(inputs, { cancellation }).catch(({ code }) => expect(code).toBe('cancelled'));
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(backend.memory().liveBytes).toBe(bytes);
    const { doubled } = await executable.run(inputs);
    expect(doubled![11]).toBeCloseTo(11 / 6, 6);
  });

  test('runs inside a scope of the caller', async () => {
    const backend = await created({ tf, engine });
    const executable = await backend.compile(graph, { precision: 'f32', parameters });
    let run: ReturnType<typeof executable.run> | undefined;
    tf.tidy(() => {
      run = executable.run(inputs);
    });
    await expect(run).resolves.toBeDefined();
    await expect(executable.run(inputs)).resolves.toBeDefined();
  });
});

describe('failures of an engine', () => {
  test.each([
    ['Requested texture size [20000x20000] greater than WebGL maximum', 'out-of-memory'],
    ['Array buffer allocation failed', 'out-of-memory'],
    ['A valid external Instance reference no longer exists: device is lost', 'lost'],
    ['Kernel Tanh not registered', 'rejected'],
  ])('%s is a DeviceError: %s', async (message, reason) => {
    const tanh = (): never => {
      throw new Error(message);
    };
    const backend = await created({ tf: changed({ tanh }), engine: 'cpu' });
    const executable = await backend.compile(graph, { precision: 'f32', parameters });
    await executable.run(inputs).catch(() => {});
    const before = tf.memory().numTensors;
    const failure = await executable.run(inputs).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'device', reason });
    expect((failure as Error).message).toMatch(/ (use|or use|Compute fewer) /);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('an engine that was removed is lost', async () => {
    await tf.setBackend('wasm');
    const backend = await created({ tf, engine: 'cpu' });
    const executable = await backend.compile(graph, { precision: 'f32', parameters });
    const factory = tf.findBackendFactory('cpu');
    tf.removeBackend('cpu');
    try {
      await expect(executable.run(inputs)).rejects.toMatchObject({ code: 'device', reason: 'lost' });
    } finally {
      tf.registerBackend('cpu', factory, 1);
    }
  });
});

const silentGl = { MAX_TEXTURE_SIZE: 1, RENDERER: 2, getParameter: () => null, getExtension: () => null };
