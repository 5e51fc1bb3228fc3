/** A calculator whose device is lost: it goes on with a new one, where it may make one. */
import { describe, expect, test } from 'vitest';
import { DeviceError, DisposedError, createCalculator, reference } from '@mace/core';
import type { Backend, BackendDefinition, Binding, Executable, RunSizes } from '@mace/core/backend';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';

const model = deterministicModel(tinyModels.B.config);
const crystal = tinyStructure('crystal');

describe('a lost device', () => {
  /** The reference on devices of which the first ones are lost after some runs. */
  function fragile(losses: number, goodRuns = 1): { definition: BackendDefinition; made: Backend[] } {
    const made: Backend[] = [];
    const create = async (): Promise<Backend> => {
      const backend = await reference().create();
      const isLost = made.length < losses;
      made.push(backend);
      const compile = async (...args: Parameters<Backend['compile']>): Promise<Executable> => {
        const executable = await backend.compile(...args);
        let runs = 0;
        const bind = async (sizes: RunSizes): Promise<Binding> => {
          const binding = await executable.bind(sizes);
          const run = (...given: Parameters<Binding['run']>): ReturnType<Binding['run']> => {
            if (isLost && ++runs > goodRuns) return Promise.reject(new DeviceError('lost', 'the device is lost.'));
            return binding.run(...given);
          };
          return { ...binding, run: run as Binding['run'] };
        };
        return { ...executable, bind };
      };
      return { ...backend, compile };
    };
    return { definition: { ...reference(), create }, made };
  }

  test('is replaced, and calculations that overlap go on with the numbers that they would have had', async () => {
    const plain = await createCalculator({ model, backend: reference() });
    const wanted = await plain.evaluate(crystal);
    const { definition, made } = fragile(1);
    const calculator = await createCalculator({ model, backend: definition });
    await calculator.evaluate(crystal);
    const results = await Promise.all([1, 2, 3].map(() => calculator.evaluate(crystal)));
    for (const { energy, forces } of results)
      expect({ energy, forces }).toEqual({ energy: wanted.energy, forces: wanted.forces });
    expect(made).toHaveLength(2);
    await expect(made[0]!.compile({} as never, {} as never)).rejects.toThrow(DisposedError);
    await calculator.setParameters({ 'scale_shift.shift': Float64Array.of(1) });
    expect(await calculator.hessian(crystal)).toEqual(await plain.hessian(crystal));
    await calculator.dispose();
  });

  test('that is lost twice at the same work is told; the next calculation goes on', async () => {
    const calculator = await createCalculator({ model, backend: fragile(2, 0).definition });
    await expect(calculator.evaluate(crystal)).rejects.toMatchObject({ code: 'device', reason: 'lost' });
    await expect(calculator.evaluate(crystal)).resolves.toMatchObject({ atoms: crystal.numbers.length });
    await calculator.dispose();
  });

  test('of a backend that belongs to the caller is told', async () => {
    const backend = await fragile(1).definition.create();
    const calculator = await createCalculator({ model, backend });
    await calculator.evaluate(crystal);
    await expect(calculator.evaluate(crystal)).rejects.toMatchObject({ code: 'device', reason: 'lost' });
  });
});
