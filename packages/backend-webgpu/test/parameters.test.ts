// Parameters that are on the device already stay there, and those that were there before outlive failures.
import { describe, expect, it } from 'vitest';
import type { Backend, DeviceTensor, Executable, RunInputs } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';
import { webgpu } from '@mace/backend-webgpu';
import { hasAdapter, limited, required } from './gpu.js';

const build = new GraphBuilder();
const [weights, bias] = [build.parameter('weights', [2, 2]), build.parameter('bias', [2])];
const x = build.input('x', ['atoms', 2]);
const graph = build.finish('scaled', {
  // exp(bias) depends on parameters alone.
  y: build.mul(build.matmul(x, weights), build.expand(build.exp(bias), ['atoms', 2], [1])),
  next: build.sum(build.mul(x, x), [0]),
});
const parameters = { weights: Float32Array.of(1, 0, 0, 1), bias: Float32Array.of(0, 0) };
const inputs: RunInputs = { dims: { atoms: 1, edges: 0, graphs: 0 }, maps: {}, values: { x: Float64Array.of(1, 2) } };
const doubled = Float32Array.of(2, 0, 0, 2);
/** Made where it was read to the host. */
const readback = 0x9;

interface Compiled {
  readonly backend: Backend;
  readonly device: GPUDevice;
  readonly executable: Executable;
}

async function compiled(): Promise<Compiled> {
  const { gpu, devices } = limited(2 ** 27);
  const backend = await webgpu({ gpu }).create();
  return { backend, device: devices[0]!, executable: await backend.compile(graph, { precision: 'f32', parameters }) };
}

/** Usages of buffers that are made from now on; each is as large as `sizeOf` says. */
function watched(device: GPUDevice, sizeOf = (size: number): number => size): number[] {
  const made: number[] = [];
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (options) => {
    made.push(options.usage);
    return createBuffer({ ...options, size: sizeOf(options.size) });
  };
  return made;
}

const resultOf = async (executable: Executable): Promise<number[]> => [...(await executable.run(inputs)).y!];

describe.skipIf(!hasAdapter && !required)('parameters', () => {
  it('that are tensors are copied on the device, and are the caller’s at once', async () => {
    const { backend, device, executable } = await compiled();
    const made = watched(device);
    const tensor = backend.upload(doubled, [2, 2]);
    const replaced = executable.setParameters({ weights: tensor });
    tensor.dispose();
    // It has the memory of the tensor.
    const other = backend.upload(Float32Array.of(9, 9, 9, 9), [2, 2]);
    await replaced;
    expect(made.length).toBeGreaterThan(0);
    expect(made).not.toContain(readback);
    expect(await resultOf(executable)).toEqual([2, 4]);
    expect(made).toContain(readback);
    expect([...(await other.read())]).toEqual([9, 9, 9, 9]);
    await backend.dispose();
  });

  it('may be what a run left there, and what depends on them is computed again', async () => {
    const { backend, device, executable } = await compiled();
    const { next } = await executable.run({ ...inputs, values: { x: Float64Array.of(0, 1) } }, { keep: ['y', 'next'] });
    const made = watched(device);
    await executable.setParameters({ bias: next as DeviceTensor, weights: doubled });
    expect(made).not.toContain(readback);
    expect((await resultOf(executable)).map((value) => value.toFixed(3))).toEqual(
      [2, 4 * Math.E].map((value) => value.toFixed(3)),
    );
    await backend.dispose();
  });

  it('that came from the device are there after a run that failed', async () => {
    const { backend, device, executable } = await compiled();
    const tensor = backend.upload(doubled, [2, 2]);
    await executable.setParameters({ weights: tensor });
    tensor.dispose();
    const { createBuffer } = device;
    watched(device, () => 2 ** 50);
    await expect(executable.run(inputs)).rejects.toMatchObject({ code: 'device' });
    device.createBuffer = createBuffer;
    expect(await resultOf(executable)).toEqual([2, 4]);
    await backend.dispose();
  });

  it('stay where new ones fail, and those that come at once with these fail, too', async () => {
    const { backend, device, executable } = await compiled();
    await executable.run(inputs);
    const before = backend.memory();
    const { createBuffer } = device;
    watched(device, () => 2 ** 50);
    const failing = executable.setParameters({ weights: doubled });
    device.createBuffer = createBuffer;
    const all = await Promise.allSettled([
      failing,
      executable.run(inputs),
      executable.setParameters({ bias: [1, 1] as never }),
      executable.setParameters({ bias: Float32Array.of(1, 1) }),
    ]);
    expect(all.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'done'))).toEqual([
      'device',
      'device',
      'shape',
      'device',
    ]);
    expect(await resultOf(executable)).toEqual([1, 2]);
    expect(backend.memory()).toEqual(before);
    await executable.setParameters({ weights: doubled });
    expect(await resultOf(executable)).toEqual([2, 4]);
    await backend.dispose();
  });

  it('that are given while the executable is disposed of leave their memory to the next one', async () => {
    const { backend, device, executable } = await compiled();
    const replaced = executable.setParameters({ weights: doubled });
    executable.dispose();
    await replaced;
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
    const made = watched(device);
    const next = await backend.compile(graph, { precision: 'f32', parameters });
    await next.setParameters({ weights: doubled });
    expect(made).toEqual([]);
    expect(await resultOf(next)).toEqual([2, 4]);
    await backend.dispose();
  });
});
