// What a caller can do wrong, and what is left behind when a run fails.
import { GPU } from 'gpu.js';
import { describe, expect, it } from 'vitest';
import type { Backend, Executable, RunInputs } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';
import { gpujs } from '@mace/backend-gpujs';

describe('what is handed in', () => {
  class OldGpu {
    createKernel(): void {}
  }
  const wrong: readonly [string, unknown, RegExp, RegExp][] = [
    ['nothing', undefined, /got nothing/, /import \{ GPU \}/],
    ['the module', { GPU }, /the module/, /import \{ GPU \}/],
    ['an instance', new GPU({ mode: 'cpu' }), /got object/, /import \{ GPU \}/],
    ['another class', Map, /class or function Map/, /import \{ GPU \}/],
    ['an old version', OldGpu, /older than 2\.24/, /Install gpu\.js 2\.24/],
  ];
  it.each(wrong)('%s: probe gives reason and remedy, create throws them', async (_what, value, reason, remedy) => {
    const definition = gpujs({ GPU: value });
    const found = await definition.probe();
    expect(found).toMatchObject({
      available: false,
      reason: expect.stringMatching(reason) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
    await expect(definition.create()).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(definition.create()).rejects.toThrow(reason);
  });

  it('no options at all', async () => {
    const found = await gpujs(undefined as never).probe();
    expect(found).toMatchObject({ available: false, reason: expect.stringContaining('got nothing') as string });
  });

  it('a mode that does not exist, and one that is not here', async () => {
    expect(() => gpujs({ GPU, mode: 'cuda' as never })).toThrow(
      /^gpujs: the option mode is "cuda"\. Expected .*webgl2/,
    );
    expect(() => gpujs({ GPU, modus: 'cpu' } as never)).toThrow(/no option modus\. Known: GPU, mode\./);
    const absent = await gpujs({ GPU, mode: 'webgl2' }).probe();
    expect(absent).toMatchObject({ available: false, remedy: expect.stringContaining("mode 'cpu'") as string });
  });

  it('the default mode in Node is cpu', async () => {
    expect(await gpujs({ GPU }).probe()).toMatchObject({ available: true, device: 'gpu.js, cpu' });
  });
});

describe('memory', () => {
  it('is counted, and is the same after a hundred runs that fail', async () => {
    const { backend, executable } = await example();
    expect(backend.memory()).toEqual({ liveBytes: 48, liveBuffers: 1 });
    for (let i = 0; i < 100; i++) await cancelled(executable, i).catch(({ code }) => expect(code).toBe('cancelled'));
    const { y } = await executable.run(inputs(2));
    expect(y?.[0]).toBeCloseTo(27.5365, 4);
    const full = backend.memory();
    expect(full.liveBytes).toBeLessThan(200);
    for (let i = 0; i < 100; i++) await cancelled(executable, 5 + i).catch(() => {});
    expect(backend.memory()).toEqual(full);
    executable.dispose();
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
    await backend.dispose();
  });

  it('parameters are replaced, not added', async () => {
    const { backend, executable } = await example();
    await executable.run(inputs(2));
    const before = backend.memory();
    await executable.setParameters({ w: new Float64Array(12) });
    const { y } = await executable.run(inputs(2));
    expect(y?.[0]).toBeCloseTo(Math.exp(3), 4);
    expect(backend.memory()).toEqual(before);
    await backend.dispose();
  });
});

async function example(): Promise<{ backend: Backend; executable: Executable }> {
  const build = new GraphBuilder();
  const x = build.input('x', ['atoms', 3]);
  const w = build.parameter('w', [3, 4]);
  const graph = build.finish('example', { y: build.exp(build.matmul(x, build.exp(w))) });
  const backend = await gpujs({ GPU, mode: 'cpu' }).create();
  const parameters = { w: new Float32Array(12).fill(0.1) };
  return { backend, executable: await backend.compile(graph, { precision: 'f32', parameters }) };
}

function inputs(atoms: number): RunInputs {
  return { dims: { atoms, edges: 0, graphs: 0 }, maps: {}, values: { x: new Float32Array(3 * atoms).fill(1) } };
}

/** Stopped by the caller after a few of its kernels. */
function cancelled(executable: Executable, i: number): Promise<unknown> {
  let asked = 0;
  const cancellation = {
    get aborted() {
      return asked++ > i % 4;
    },
  };
  return executable.run(inputs(i), { cancellation });
}
