import * as ort from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { afterEach, describe, expect, test } from 'vitest';
import { onnx, type OnnxOptions, type Ort } from '@mace/backend-onnx';
import type { Backend } from '@mace/core';
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { GraphBuilder, type Graph } from '@mace/core/ir';

let backend: Backend | undefined;
afterEach(async () => {
  await backend?.dispose();
  backend = undefined;
});

const build = new GraphBuilder();
const doubled: Graph = build.finish('doubled', {
  y: build.mul(build.input('x', ['atoms']), build.broadcast(build.parameter('two', [1]), ['atoms'])),
});
const two = { two: Float64Array.of(2) };
const three: RunInputs = { dims: { atoms: 3, edges: 0, graphs: 0 }, maps: {}, values: { x: Float64Array.of(1, 2, 3) } };

/** The runtime with some of it replaced. */
function changed(parts: { readonly [K in keyof Ort]?: unknown }): Ort {
  return { InferenceSession: ort.InferenceSession, Tensor: ort.Tensor, env: ort.env, ...parts } as Ort;
}

/** The runtime with sessions that do something else. */
function failing(message: string, when: 'create' | 'run'): Ort {
  const create = async (...given: unknown[]): Promise<unknown> => {
    if (when === 'create') throw new Error(message);
    const session = await (ort.InferenceSession.create as (...given: unknown[]) => Promise<object>)(...given);
    return {
      // Those before there is a backend are of its probe.
      run: (feeds: never) =>
        backend ? Promise.reject(new Error(message)) : (session as { run(feeds: never): Promise<unknown> }).run(feeds),
      release: () => (session as { release(): Promise<void> }).release(),
    };
  };
  return changed({ InferenceSession: { create } });
}

describe('probe', () => {
  test.each<[string, OnnxOptions, RegExp, RegExp]>([
    ['nothing', undefined as never, /not the module/, /npm install onnxruntime-node/],
    ['another module', { ort: { onnx } as never }, /not the module/, /onnx\(\{ ort \}\)/],
    [
      'an old runtime',
      { ort: changed({ env: { versions: { node: '1.16.3' } } }) },
      /1\.16\.3 is too old; 1\.20/,
      /@latest/,
    ],
    ['a runtime of no version', { ort: changed({ env: { versions: {} } }) }, /unknown version/, /npm install/],
    [
      'a provider that is not there',
      { ort, provider: 'qnn' },
      /provider qnn cannot run/,
      /leave out the option provider/,
    ],
    ['a runtime that does not start', { ort: failing('no backend found', 'create') }, /no backend found/, /again/],
  ])('%s: says why and what to do', async (_name, options, reason, remedy) => {
    const definition = onnx(options);
    const availability = await definition.probe();
    expect(availability.available).toBe(false);
    if (availability.available) return;
    expect(availability.reason).toMatch(reason);
    expect(availability.remedy).toMatch(remedy);
    await expect(definition.create()).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(definition.create()).rejects.toThrow(reason);
  });

  test.each([
    [{ ort, threads: 0 }, /the option threads is 0\. Expected a whole number of at least 1/],
    [{ ort, threads: '2' }, /the option threads is "2"/],
    [{ ort, provider: '' }, /the option provider is ""\. Expected a name/],
    [{ ort, executionProviders: ['cpu'] }, /no option executionProviders\. Known: ort, provider, threads\./],
    [null, /options are null/],
  ])('refuses at the call: %#', (options, message) => {
    expect(() => onnx(options as never)).toThrow(message);
    expect(() => onnx(options as never)).toThrow(expect.objectContaining({ code: 'unsupported', reason: 'option' }));
  });

  test('says what is there', async () => {
    const availability = await onnx({ ort }).probe();
    expect(availability).toMatchObject({
      available: true,
      device: expect.stringMatching(/^onnxruntime-node 1\.\d+\.\d+, cpu, 1 thread$/) as string,
      capabilities: { precisions: ['f64', 'f32'], deterministic: true },
    });
    const more = await onnx({ ort, threads: 2 }).probe();
    expect(more).toMatchObject({
      device: expect.stringContaining('2 threads') as string,
      capabilities: { deterministic: false },
    });
  });
});

test('the threads of the web runtime are its own', async () => {
  ortWeb.env.wasm.numThreads = 1;
  expect(await onnx({ ort: ortWeb, provider: 'cpu' }).probe()).toMatchObject({
    device: expect.stringMatching(/^onnxruntime-web .*, wasm, 1 thread$/) as string,
    capabilities: { deterministic: true },
  });
  expect(await onnx({ ort: ortWeb, threads: 3 }).probe()).toMatchObject({
    available: false,
    reason: expect.stringContaining('onnxruntime-web runs with 1') as string,
    remedy: expect.stringContaining('numThreads = 3') as string,
  });
});

describe('failures of the runtime', () => {
  test.each([
    ['bad_alloc', 'out-of-memory'],
    ['Failed to allocate memory for requested buffer of size 100', 'out-of-memory'],
    ['CUDA failure 700: an illegal memory access was encountered', 'lost'],
    ['Non-zero status code returned while running Gather node', 'rejected'],
  ])('%s is a DeviceError: %s', async (message, reason) => {
    const made = await onnx({ ort: failing(message, 'run') }).create();
    backend = made;
    const executable = await made.compile(doubled, { precision: 'f64', parameters: two });
    const held = made.memory();
    for (let i = 0; i < 100; i++)
      await expect(executable.run(three)).rejects.toMatchObject({
        code: 'device',
        reason,
        message: expect.stringContaining(message) as string,
      });
    expect(made.memory()).toEqual(held);
    executable.dispose();
    expect(made.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
  });
});

describe('memory', () => {
  test('parameters are counted, and gone after dispose', async () => {
    backend = await onnx({ ort }).create();
    const executable = await backend.compile(doubled, { precision: 'f64', parameters: two });
    expect(backend.memory().liveBytes).toBeGreaterThanOrEqual(8);
    expect([...(await executable.run(three)).y!]).toEqual([2, 4, 6]);
    await executable.setParameters({ two: Float64Array.of(-1) });
    expect([...(await executable.run(three)).y!]).toEqual([-1, -2, -3]);
    executable.dispose();
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
  });

  test('sessions are released once, after the runs that wait', async () => {
    const log: string[] = [];
    const create = async (...given: unknown[]): Promise<unknown> => {
      const session = await (ort.InferenceSession.create as (...given: unknown[]) => Promise<ort.InferenceSession>)(
        ...given,
      );
      return {
        run: async (feeds: never) => {
          log.push('run');
          return session.run(feeds);
        },
        release: async () => {
          log.push('release');
          await session.release();
        },
      };
    };
    const made = await onnx({ ort: changed({ InferenceSession: { create } }) }).create();
    const executable = await made.compile(doubled, { precision: 'f32', parameters: two });
    log.length = 0;
    const runs = [executable.run(three), executable.run(three)];
    executable.dispose();
    await made.dispose();
    for (const run of runs) expect([...(await run).y!]).toEqual([2, 4, 6]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log).toEqual(['run', 'run', 'release']);
  });
});

test.each([1, 2, 4])('rows are summed right with %s threads', async (threads) => {
  // With more than one thread, ScatterND of the runtime loses rows: enough of them that its threads are used.
  const [edges, atoms, width] = [20000, 200, 200];
  const graph = new GraphBuilder();
  const receiver = { name: 'receiver', from: 'edges', to: 'atoms' } as const;
  const summed = graph.finish('summed', { y: graph.segmentSum(graph.input('x', ['edges', width]), receiver) });
  backend = await onnx({ ort, threads }).create();
  const executable = await backend.compile(summed, { precision: 'f64', parameters: {} });
  const values = Int32Array.from({ length: edges }, (_, e) => (e * 7919) % atoms);
  const x = Float64Array.from({ length: edges * width }, (_, i) => (i % 1013) - 500);
  const wanted = new Float64Array(atoms * width);
  for (let e = 0; e < edges; e++) for (let i = 0; i < width; i++) wanted[values[e]! * width + i]! += x[e * width + i]!;
  const inputs = {
    dims: { atoms, edges, graphs: 0 },
    maps: { receiver: indexMapValues(values, atoms) },
    values: { x },
  };
  expect((await executable.run(inputs)).y).toEqual(wanted);
});
