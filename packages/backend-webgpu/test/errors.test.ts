// What a caller can be told, what happens when a device fails in the middle, and that nothing stays behind.
import { describe, expect, it } from 'vitest';
import { createCalculator } from '@mace/core';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
import type { Backend, Executable, RunInputs } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';
import { webgpu } from '@mace/backend-webgpu';
import { gpu, hasAdapter, limited, required } from './gpu.js';

describe('what is handed in', () => {
  const wrong: readonly [string, unknown, RegExp, RegExp][] = [
    ['nothing', undefined, /not a WebGPU implementation/, /package webgpu/],
    ['the module', { create: () => gpu }, /not a WebGPU implementation/, /create\(\[\]\)/],
    ['no adapter', { requestAdapter: async () => null }, /no adapter/, /Vulkan driver/],
    [
      'a blocked one',
      { requestAdapter: () => Promise.reject(new Error('blocked by policy')) },
      /blocked by policy/,
      /wasm/,
    ],
  ];
  it.each(wrong)('%s: probe gives reason and remedy, create throws them', async (_what, value, reason, remedy) => {
    const definition = webgpu({ gpu: value as GPU });
    expect(await definition.probe()).toMatchObject({
      available: false,
      reason: expect.stringMatching(reason) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
    await expect(definition.create()).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(definition.create()).rejects.toThrow(reason);
  });

  it('an engine of before 2024, which says nothing of its adapter, serves; one with too few arrays is refused', async () => {
    const limits = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };
    const probed = (arrays: object): unknown => {
      const adapter = { limits: { ...limits, ...arrays } };
      return webgpu({ gpu: { requestAdapter: async () => adapter } as unknown as GPU }).probe();
    };
    expect(await probed({ maxStorageBuffersPerShaderStage: 8 })).toMatchObject({
      available: true,
      device: 'WebGPU on an unknown adapter',
    });
    const refused = { available: false, remedy: expect.stringMatching(/Update/) as string };
    expect(await probed({ maxStorageBuffersPerShaderStage: 4 })).toMatchObject(refused);
    expect(await probed({})).toMatchObject(refused);
  });

  it.each([
    [{ gpu, powerPreference: 'fast' }, /the option powerPreference is "fast"\. Expected high-performance or low-power/],
    [{ gpu, workPerSubmit: 0 }, /the option workPerSubmit is 0\. Expected a number above 0/],
    [{ gpu, workPerSubmit: NaN }, /the option workPerSubmit is NaN/],
    [{ GPU: gpu }, /no option GPU\. Known: gpu, powerPreference, workPerSubmit\./],
    [null, /options are null/],
  ])('refuses at the call: %#', (options, message) => {
    expect(() => webgpu(options as never)).toThrow(message);
    expect(() => webgpu(options as never)).toThrow(expect.objectContaining({ code: 'unsupported', reason: 'option' }));
  });

  it('no options at all', async () => {
    expect(await webgpu(undefined as never).probe()).toMatchObject({ available: false });
  });

  it('an adapter that gives no device', async () => {
    const limits = { maxStorageBufferBindingSize: 1, maxBufferSize: 1, maxStorageBuffersPerShaderStage: 8 };
    const info = { vendor: 'nobody', architecture: '', device: '', description: '' };
    const adapter = { limits, info, requestDevice: () => Promise.reject(new Error('too many devices')) };
    const definition = webgpu({ gpu: { requestAdapter: async () => adapter } as unknown as GPU });
    await expect(definition.create()).rejects.toThrow(/nobody gives no device: too many devices.*wasm/);
  });
});

describe.skipIf(!hasAdapter && !required)('on a device', () => {
  it('float64 is refused, with what has it', async () => {
    const backend = await webgpu({ gpu }).create();
    const compiled = backend.compile(graph, { precision: 'f64', parameters });
    await expect(compiled).rejects.toMatchObject({ code: 'unsupported', reason: 'precision' });
    await backend.dispose();
  });

  it('memory is back where it was after a hundred runs', async () => {
    const { backend, executable } = await example();
    const { y } = await executable.run(inputs(2));
    expect(y?.[0]).toBeCloseTo(27.5365, 3);
    const before = backend.memory();
    for (let i = 0; i < 100; i++) await executable.run(inputs(2));
    expect(backend.memory()).toEqual(before);
    executable.dispose();
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
    await backend.dispose();
  });

  it('a lost device: what runs and what comes is told so, and a new backend works', async () => {
    const { backend, executable, device } = await example();
    const running = executable.run(inputs(2));
    device.destroy();
    await expect(running).rejects.toMatchObject({ code: 'device', reason: 'lost' });
    await expect(executable.run(inputs(2))).rejects.toThrow(/device is lost.*create a new one/);
    await expect(backend.compile(graph, { precision: 'f32', parameters })).rejects.toMatchObject({ reason: 'lost' });
    await backend.dispose();
    const next = await example();
    expect((await next.executable.run(inputs(2))).y?.[0]).toBeCloseTo(27.5365, 3);
    await next.backend.dispose();
  });

  it('a calculator goes on with a new device', async () => {
    const { gpu: watched, devices } = limited(2 ** 27);
    const model = deterministicModel(tinyModels.A.config);
    const calculator = await createCalculator({ model, backend: webgpu({ gpu: watched }), precision: 'f32' });
    const { energy } = await calculator.evaluate(tinyStructure('crystal'));
    devices[0]!.destroy();
    expect((await calculator.evaluate(tinyStructure('crystal'))).energy).toBe(energy);
    expect(devices).toHaveLength(2);
    await calculator.dispose();
  });

  it('an exhausted memory is told so, and the next run works', async () => {
    const { backend, executable, device } = await example();
    const popErrorScope = device.popErrorScope.bind(device);
    let asked = 0;
    // The scopes of a run are told in this order: internal, memory, validation.
    device.popErrorScope = async () => {
      const found = await popErrorScope();
      return asked++ % 3 === 1 ? ({ message: 'nothing left' } as GPUError) : found;
    };
    await expect(executable.run(inputs(100_000))).rejects.toMatchObject({ code: 'device', reason: 'out-of-memory' });
    device.popErrorScope = popErrorScope;
    // What was made in that run may be no memory at all: nothing of it serves again.
    const createBuffer = device.createBuffer.bind(device);
    const made: number[] = [];
    device.createBuffer = (options) => {
      made.push(options.usage);
      return createBuffer(options);
    };
    expect((await executable.run(inputs(2))).y?.[0]).toBeCloseTo(27.5365, 3);
    expect(new Set(made)).toEqual(new Set([0x8c, 0x48, 0x9]));
    await backend.dispose();
  });

  it('a run that fails before it has folded takes those with it that count on it', async () => {
    const { backend, executable, device } = await example();
    const createBuffer = device.createBuffer.bind(device);
    // The first buffer of sizes is refused, and with it all commands of the first run.
    let refused = false;
    device.createBuffer = (options) => {
      const refuse = !refused && options.usage === 0x48;
      refused ||= refuse;
      return createBuffer(refuse ? { ...options, size: 2 ** 50 } : options);
    };
    const both = await Promise.allSettled([executable.run(inputs(2)), executable.run(inputs(2))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await executable.run(inputs(2))).y?.[0]).toBeCloseTo(27.5365, 3);
    await backend.dispose();
  });

  it('what WebGPU refuses is told, and the next run works', async () => {
    const { backend, executable, device } = await example();
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (options) => createBuffer({ ...options, size: 2 ** 50 });
    await expect(executable.run(inputs(100_000))).rejects.toThrow(/WebGPU refuses a run of example: .*open an issue/s);
    device.createBuffer = createBuffer;
    expect((await executable.run(inputs(2))).y?.[0]).toBeCloseTo(27.5365, 3);
    await backend.dispose();
  });

  it('two backends live side by side; one ends while it runs', async () => {
    const [first, second] = await Promise.all([example(), example()]);
    const running = first.executable.run(inputs(50_000));
    await first.backend.dispose();
    await expect(running).rejects.toMatchObject({ code: 'disposed' });
    expect((await second.executable.run(inputs(2))).y?.[0]).toBeCloseTo(27.5365, 3);
    await second.backend.dispose();
  });

  it('an executable that is disposed of in the middle of a run ends it in order', async () => {
    const { backend, executable } = await example();
    const running = executable.run(inputs(2));
    executable.dispose();
    expect((await running).y?.[0]).toBeCloseTo(27.5365, 3);
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
    await backend.dispose();
  });
});

const build = new GraphBuilder();
const weights = build.parameter('w', [3, 4]);
const graph = build.finish('example', {
  y: build.exp(build.matmul(build.input('x', ['atoms', 3]), build.exp(weights))),
});
const parameters = { w: new Float32Array(12).fill(0.1) };

async function example(): Promise<{ backend: Backend; executable: Executable; device: GPUDevice }> {
  const { gpu: watched, devices } = limited(2 ** 27);
  const backend = await webgpu({ gpu: watched }).create();
  const executable = await backend.compile(graph, { precision: 'f32', parameters });
  return { backend, executable, device: devices[0]! };
}

function inputs(atoms: number): RunInputs {
  return { dims: { atoms, edges: 0, graphs: 0 }, maps: {}, values: { x: new Float32Array(3 * atoms).fill(1) } };
}
