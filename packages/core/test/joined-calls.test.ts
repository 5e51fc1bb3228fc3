/** Calls that arrive while others are computed: joined, each with what is its own, and the event loop has its turns. */
import { expect, test } from 'vitest';
import { createCalculator, reference, StructureError } from '@mace/core';
import type { Backend, BackendDefinition, Executable } from '@mace/core/backend';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';

const model = deterministicModel(tinyModels.B.config);
const crystal = tinyStructure('crystal');

/** The reference, which tells how many structures each run has. */
function counted(): { backend: BackendDefinition; sizes: number[] } {
  const sizes: number[] = [];
  const create = async (): Promise<Backend> => {
    const backend = await reference().create();
    const compile = async (...given: Parameters<Backend['compile']>): Promise<Executable> => {
      const executable = await backend.compile(...given);
      return {
        ...executable,
        bind: (given) => {
          sizes.push(given.dims.graphs);
          return executable.bind(given);
        },
      };
    };
    return { ...backend, compile };
  };
  return { backend: { ...reference(), create }, sizes };
}

test('join, with the same bits, and one that fails fails alone', async () => {
  const { backend, sizes } = counted();
  const calculator = await createCalculator({ model, backend, batchAtoms: 1000 });
  const wanted = await calculator.evaluate(crystal);
  sizes.length = 0;
  const two = makeStructure({ numbers: [crystal.numbers[0]!, crystal.numbers[0]!], positions: [0, 0, 0, 0, 0, 0] });
  const calls = [crystal, crystal, two, crystal].map((one) =>
    calculator.evaluate(one).catch((error: unknown) => error),
  );
  calls.push(calculator.evaluate(crystal, { properties: [] }));
  const results = await Promise.all(calls);
  expect(results[2]).toBeInstanceOf(StructureError);
  for (const i of [0, 1, 3]) expect(results[i]).toEqual(wanted);
  expect(results[4]).toMatchObject({ energy: wanted.energy });
  expect(results[4]).not.toHaveProperty('forces');
  sizes.length = 0;
  await Promise.all(Array.from({ length: 9 }, () => calculator.evaluate(crystal)));
  expect(sizes).toEqual([1, 8]);
  await calculator.dispose();
});

test('a call that waits has the weights that it was called with', async () => {
  const calculator = await createCalculator({ model, backend: reference() });
  const wanted = await calculator.evaluate(crystal);
  const name = 'atomic_energies_fn.atomic_energies';
  const calls = [calculator.evaluate(crystal), calculator.evaluate(crystal)];
  const changed = calculator.setParameters({ [name]: model.weights[name]!.data.map((x) => x + 1) });
  for (const { energy } of await Promise.all(calls)) expect(energy).toBe(wanted.energy);
  await changed;
  expect((await calculator.evaluate(crystal)).energy).not.toBe(wanted.energy);
  await calculator.dispose();
});

test('timers go on, and a cancellation takes effect between structures', async () => {
  const calculator = await createCalculator({ model, backend: reference(), batchAtoms: 1 });
  await calculator.evaluate(crystal);
  const from = performance.now();
  await calculator.evaluate(crystal);
  // Enough for a good many turns, however fast the machine is.
  const count = Math.ceil(300 / Math.max(performance.now() - from, 0.1));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await calculator.evaluateAll(Array.from({ length: count }, () => crystal));
  expect(ticks).toBeGreaterThan(5);
  clearInterval(timer);
  const cancelled = calculator.evaluateAll(
    Array.from({ length: 100 * count }, () => crystal),
    { cancellation: AbortSignal.timeout(20) },
  );
  await expect(cancelled).rejects.toThrow(/asked to/);
  await calculator.dispose();
});
