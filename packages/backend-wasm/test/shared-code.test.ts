// Executables of equal graphs share their code and nothing else: numbers, memory and life are each one's own.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend, RunInputs } from '@mace/core/backend';
import { indexMapValues } from '@mace/core/backend';
import { createCalculator } from '@mace/core';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
import { GraphBuilder, type Graph } from '@mace/core/ir';
import { wasm } from '@mace/backend-wasm';

const [inner, columns] = [5, 7];

/** y[atoms] = Σ over columns of x·w, with names that no other test uses. */
function graphNamed(name: string): Graph {
  const build = new GraphBuilder();
  const product = build.matmul(build.input(name, ['atoms', inner]), build.parameter('w', [inner, columns]));
  return build.finish(name, { y: build.sum(product, [1]) });
}

function inputs(name: string): RunInputs {
  const values = { [name]: Float64Array.from({ length: 3 * inner }, (_, i) => i - 4) };
  return { dims: { atoms: 3, edges: 0, graphs: 1 }, maps: { graph: indexMapValues(new Int32Array(3), 1) }, values };
}

function weights(seed: number): Float64Array {
  return Float64Array.from({ length: inner * columns }, (_, i) => Math.sin(seed + i));
}

function expected(w: Float64Array): number[] {
  return [0, 1, 2].map((atom) =>
    w.reduce((sum, value, i) => sum + (atom * inner + Math.floor(i / columns) - 4) * value, 0),
  );
}

const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 10));

async function compile(backend: Backend, name: string, seed: number, precision: 'f64' | 'f32' = 'f64') {
  return backend.compile(graphNamed(name), { precision, parameters: { w: weights(seed) } });
}

afterEach(() => vi.restoreAllMocks());

describe('equal graphs', () => {
  it('are compiled once, in one backend and in several, and each gives its own numbers', async () => {
    const compiling = vi.spyOn(WebAssembly, 'compile');
    const backends = [await wasm({ threads: 1 }).create(), await wasm({ threads: 1 }).create()] as const;
    const [a, b, c] = [
      await compile(backends[0], 'shared', 1),
      await compile(backends[0], 'shared', 2),
      await compile(backends[1], 'shared', 3),
    ];
    expect(compiling).toHaveBeenCalledTimes(1);
    for (const _again of [1, 2])
      for (const [executable, seed] of [[a, 1] as const, [b, 2] as const, [c, 3] as const])
        expect(Array.from((await executable.run(inputs('shared'))).y!)).toEqual(close(expected(weights(seed))));
    await a.setParameters({ w: weights(4) });
    expect(Array.from((await a.run(inputs('shared'))).y!)).toEqual(close(expected(weights(4))));
    expect(Array.from((await b.run(inputs('shared'))).y!)).toEqual(close(expected(weights(2))));
    for (const backend of backends) await backend.dispose();
  });

  it('give their memory back one by one, and the others compute on', async () => {
    const backend = await wasm({ threads: 1 }).create();
    const a = await compile(backend, 'memory', 1);
    await a.run(inputs('memory'));
    const alone = backend.memory().liveBytes;
    const b = await compile(backend, 'memory', 2);
    await b.run(inputs('memory'));
    expect(backend.memory().liveBytes).toBeGreaterThan(alone);
    a.dispose();
    expect(Array.from((await b.run(inputs('memory'))).y!)).toEqual(close(expected(weights(2))));
    b.dispose();
    expect(backend.memory()).toEqual({ liveBytes: 0, liveBuffers: 0 });
    await backend.dispose();
  });

  it('have code of their own for another precision, another memory and other arithmetic', async () => {
    const compiling = vi.spyOn(WebAssembly, 'compile');
    const of = async (definition: ReturnType<typeof wasm>, precision: 'f64' | 'f32'): Promise<void> => {
      const backend = await definition.create();
      const executable = await compile(backend, 'settings', 1, precision);
      const [y] = Array.from((await executable.run(inputs('settings'))).y!);
      expect(y).toBeCloseTo(expected(weights(1))[0]!, 5);
      await backend.dispose();
    };
    await of(wasm({ threads: 1 }), 'f64');
    await of(wasm({ threads: 1 }), 'f32');
    await of(wasm({ threads: 1, maximumPages: 16 }), 'f64');
    expect(compiling).toHaveBeenCalledTimes(3);
  });

  it('of no more than sixteen kinds are kept', async () => {
    const backend = await wasm({ threads: 1 }).create();
    for (let i = 0; i < 17; i++) (await compile(backend, `kind${i}`, 1)).dispose();
    const compiling = vi.spyOn(WebAssembly, 'compile');
    (await compile(backend, 'kind16', 1)).dispose();
    (await compile(backend, 'kind1', 1)).dispose();
    expect(compiling).not.toHaveBeenCalled();
    (await compile(backend, 'kind0', 1)).dispose();
    expect(compiling).toHaveBeenCalledTimes(1);
    await backend.dispose();
  });

  it('that were refused once are compiled when asked again', async () => {
    const backend = await wasm({ threads: 1 }).create();
    vi.spyOn(WebAssembly, 'compile').mockRejectedValueOnce(new Error('out of memory'));
    await expect(compile(backend, 'refused', 1)).rejects.toThrow('out of memory');
    const executable = await compile(backend, 'refused', 1);
    expect(Array.from((await executable.run(inputs('refused'))).y!)).toEqual(close(expected(weights(1))));
    await backend.dispose();
  });

  it('come of models that differ in nothing but their weights', async () => {
    const compiling = vi.spyOn(WebAssembly, 'compile');
    const model = deterministicModel({ ...tinyModels.B.config, avgNumNeighbors: [5.25, 6.5] });
    const others = Object.entries(model.weights).map(([key, { shape, data }]) => [
      key,
      { shape, data: data.map((value) => 0.5 * value) },
    ]);
    const energies: number[] = [];
    for (const one of [model, { ...model, weights: Object.fromEntries(others) }]) {
      const calculator = await createCalculator({ model: one, backend: wasm({ threads: 1 }) });
      energies.push((await calculator.evaluate(tinyStructure('crystal'))).energy);
      await calculator.dispose();
    }
    expect(compiling).toHaveBeenCalledTimes(1);
    expect(energies[1]).not.toBeCloseTo(energies[0]!, 3);
  });
});
