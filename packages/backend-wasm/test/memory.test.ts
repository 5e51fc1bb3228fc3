// Blocks of the memory, what happens when there is no more of it, and what is left behind when a run fails.
import { describe, expect, it } from 'vitest';
import type { Backend, Executable, RunInputs } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';
import { wasm } from '@mace/backend-wasm';
import { Arena } from '../src/arena.js';

describe('arena', () => {
  it('gives freed room again, and joins neighbors', () => {
    const arena = new Arena(4);
    const blocks = [100, 200, 300].map((bytes) => arena.allocate(bytes));
    const [first, second, third] = blocks as [(typeof blocks)[0], (typeof blocks)[0], (typeof blocks)[0]];
    expect(first.address % 64).toBe(0);
    expect(second.address).toBeGreaterThanOrEqual(first.address + 100);
    arena.free(first);
    arena.free(second);
    const joined = arena.allocate(300);
    expect(joined.address).toBe(first.address);
    arena.free(joined);
    arena.free(third);
    expect([arena.liveBytes, arena.liveBlocks]).toEqual([0, 0]);
    expect(arena.allocate(500).address).toBe(first.address);
  });

  it('ends where its pages end, and works on', () => {
    const arena = new Arena(2);
    expect(() => arena.allocate(3 * 65536)).toThrow(/200\d+ bytes are needed/);
    expect(arena.liveBlocks).toBe(0);
    expect(arena.allocate(65536).bytes).toBeGreaterThanOrEqual(65536);
  });
});

describe('memory of a backend', () => {
  it('is the same after a hundred cancelled runs', async () => {
    const { backend, executable } = await example();
    const before = await peak(backend, executable);
    for (let i = 0; i < 100; i++) {
      let asked = 0;
      const cancellation = {
        get aborted() {
          return asked++ > 1;
        },
      };
      await expect(executable.run(inputs(10), { cancellation })).rejects.toMatchObject({ code: 'cancelled' });
    }
    expect(backend.memory()).toEqual(before);
    executable.dispose();
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
    await backend.dispose();
  });

  it('a run that does not fit is refused, and the next one works', async () => {
    const { backend, executable } = await example(wasm({ maximumPages: 8 }));
    await expect(executable.run(inputs(100000))).rejects.toMatchObject({ code: 'device', reason: 'out-of-memory' });
    const { y } = await executable.run(inputs(3));
    expect(Array.from(y!)).toEqual([0, 1, 4].map((x) => Math.fround(Math.exp(x))).map((x) => expect.closeTo(x, 4)));
    await backend.dispose();
  });
});

async function example(definition = wasm()): Promise<{ backend: Backend; executable: Executable }> {
  const build = new GraphBuilder();
  const x = build.input('x', ['atoms']);
  const squares = build.sum(build.reshape(build.mul(x, x), ['atoms', 1]), [1]);
  const graph = build.finish('example', { y: build.exp(squares), squares });
  const backend = await definition.create();
  return { backend, executable: await backend.compile(graph, { precision: 'f32', parameters: {} }) };
}

function inputs(atoms: number): RunInputs {
  return {
    dims: { atoms, edges: 0, graphs: 1 },
    maps: {},
    values: { x: Float64Array.from({ length: atoms }, (_, i) => i % 5) },
  };
}

async function peak(backend: Backend, executable: Executable): Promise<ReturnType<Backend['memory']>> {
  await executable.run(inputs(10));
  return backend.memory();
}
