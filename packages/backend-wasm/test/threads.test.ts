// Chunks and threads: the same bits however a structure is cut up and by how many it is computed, and nothing left behind when
// a run is cancelled, a thread dies or an executable is disposed of meanwhile.
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { createCalculator, reference, type BackendDefinition, type Calculator, type Structure } from '@mace/core';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import { conformanceTests } from '@mace/conformance/vitest';
import { wasm } from '@mace/backend-wasm';

// The small structures of the kit are many chunks here; `npm run conform:all` does the other suites, and float32, like this.
conformanceTests(wasm({ threads: 2, atomsPerChunk: 3 }), {
  precision: 'f64',
  required: true,
  only: ['golden', 'contract'],
});

const model = deterministicModel({ ...tinyModels.A.config, hiddenIrreps: '8x0e+8x1o' });

/** Atoms on a shaken grid, so that edges go everywhere, in the order of the grid. */
function grid(side: number, seed: number): Structure {
  const random = seededRandom(seed);
  const numbers: number[] = [];
  const positions: number[] = [];
  for (let x = 0; x < side; x++)
    for (let y = 0; y < side; y++)
      for (let z = 0; z < side; z++) {
        numbers.push(model.config.atomicNumbers[Math.floor(random() * model.config.atomicNumbers.length)]!);
        positions.push(...[x, y, z].map((at) => 2 * at + random()));
      }
  const length = 2 * side;
  return makeStructure({ numbers, positions, cell: [length, 0, 0, 0, length, 0, 0, 0, length], pbc: true });
}

async function evaluated(
  definition: BackendDefinition,
  structures: readonly Structure[],
  precision: 'f64' | 'f32' = 'f64',
) {
  const calculator = await createCalculator({ model, backend: definition, precision });
  try {
    return await calculator.evaluateAll(structures, { properties: ['forces', 'stress'] });
  } finally {
    await calculator.dispose();
  }
}

describe('a structure of many chunks', () => {
  const structures = [grid(2, 1), grid(4, 2), grid(3, 3)];

  it.each([
    ['f64', 1e-11],
    ['f32', 1e-3],
  ] as const)('agrees with the reference in %s', async (precision, tolerance) => {
    const wanted = await evaluated(reference(), structures);
    const found = await evaluated(wasm({ threads: 2, atomsPerChunk: 8 }), structures, precision);
    found.forEach((result, i) => {
      const size = Math.max(...Array.from(wanted[i]!.forces!, Math.abs));
      result.forces!.forEach((force, at) =>
        expect(Math.abs(force - wanted[i]!.forces![at]!)).toBeLessThan(tolerance * size),
      );
    });
  });

  it.each(['f64', 'f32'] as const)(
    'has the same bits on 1, 2 and 3 threads, alone and among others, in %s',
    async (precision) => {
      const [one, two, three] = await Promise.all(
        [1, 2, 3].map((threads) => evaluated(wasm({ threads, atomsPerChunk: 8 }), structures, precision)),
      );
      expect(two).toEqual(one);
      expect(three).toEqual(one);
      for (const [i, structure] of structures.entries())
        expect(await evaluated(wasm({ threads: 2, atomsPerChunk: 8 }), [structure], precision)).toEqual([one![i]]);
    },
  );
});

describe('threads', () => {
  it('stop when a run is cancelled, and work on', async () => {
    const calculator = await createCalculator({ model, backend: wasm({ threads: 2, atomsPerChunk: 4 }) });
    // Long enough that threads ask whether to go on.
    const structure = grid(13, 5);
    const whole = await calculator.evaluate(structure, { properties: ['forces'] });
    const abort = new AbortController();
    const run = calculator.evaluate(structure, { properties: ['forces'], cancellation: abort.signal });
    setTimeout(() => abort.abort(), 1);
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await calculator.evaluate(structure, { properties: ['forces'] })).toEqual(whole);
    await calculator.dispose();
  });

  it('are shared by all calculators, and one that ends in the middle of its work leaves the others right', async () => {
    const make = (): Promise<Calculator> =>
      createCalculator({ model, backend: wasm({ threads: 2, atomsPerChunk: 4 }) });
    const calculators = [await make(), await make(), await make()];
    const structure = grid(6, 5);
    const whole = await calculators[0]!.evaluate(structure);
    const used = new Set<Worker>();
    const { postMessage } = Worker.prototype;
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...given) {
      used.add(this);
      postMessage.apply(this, given);
    });
    for (const result of await Promise.all(calculators.map((one) => one.evaluate(structure))))
      expect(result).toEqual(whole);
    expect(used.size).toBe(2);
    post.mockRestore();
    const [first, second, third] = calculators as [Calculator, Calculator, Calculator];
    const running = first.evaluate(structure).catch((error: { code: string }) => error.code);
    const others = [second.evaluate(structure), third.evaluate(structure)];
    await first.dispose();
    expect(['disposed', whole]).toContainEqual(await running);
    for (const result of await Promise.all(others)) expect(result).toEqual(whole);
    expect(await second.evaluate(structure)).toEqual(whole);
    await Promise.all([second.dispose(), third.dispose()]);
  });

  it('that die fail the run with a typed error, and the next run starts new ones', async () => {
    const calculator = await createCalculator({ model, backend: wasm({ threads: 2, atomsPerChunk: 4 }) });
    const structure = grid(7, 5);
    const whole = await calculator.evaluate(structure);
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker) {
      void this.terminate();
    });
    await expect(calculator.evaluate(structure)).rejects.toMatchObject({ code: 'device', reason: 'lost' });
    post.mockRestore();
    expect(await calculator.evaluate(structure)).toEqual(whole);
    await calculator.dispose();
  });

  it.each([0, 30, 100, 200])(
    'finish a run whose backend is disposed of after %i ms, or refuse it, and leave nothing',
    async (wait) => {
      const backend = await wasm({ threads: 2, atomsPerChunk: 4 }).create();
      const before = backend.memory();
      const calculator = await createCalculator({ model, backend: { ...wasm(), create: async () => backend } });
      const run = calculator.evaluate(grid(5, 5)).then(
        () => 'done',
        ({ code }: { code: string }) => code,
      );
      await new Promise((resolve) => setTimeout(resolve, wait));
      await calculator.dispose();
      expect(['done', 'disposed']).toContain(await run);
      expect(backend.memory()).toEqual(before);
    },
  );
});
