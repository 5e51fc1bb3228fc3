/** A calculator whose device is lost: it goes on with a new one, where it may make one. */
import { describe, expect, test } from 'vitest';
import {
  BackendUnavailableError,
  DeviceError,
  DisposedError,
  createCalculator,
  reference,
  type Calculator,
} from '@mace/core';
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

  test('that cannot be had at once is asked for again by the next calculation', async () => {
    const { definition } = fragile(1);
    let refusals = 1;
    let made = 0;
    const create = async (): Promise<Backend> => {
      if (made > 0 && refusals-- > 0) throw new BackendUnavailableError('no device now.');
      made++;
      return definition.create();
    };
    const calculator = await createCalculator({ model, backend: { ...definition, create } });
    const wanted = await calculator.evaluate(crystal);
    await expect(calculator.evaluate(crystal)).rejects.toThrow('no device now.');
    expect((await calculator.evaluate(crystal)).forces).toEqual(wanted.forces);
    await calculator.dispose();
  });

  test('is let go of where it comes after the calculator was disposed of', async () => {
    const { definition, made } = fragile(1, 0);
    let disposing: Promise<void> | undefined;
    const create = async (): Promise<Backend> => {
      if (made.length > 0) disposing = calculator.dispose();
      return definition.create();
    };
    const calculator: Calculator = await createCalculator({ model, backend: { ...definition, create } });
    await expect(calculator.evaluate(crystal)).rejects.toThrow(/after dispose: calculator/);
    await disposing;
    await expect(made[1]!.compile({} as never, {} as never)).rejects.toThrow(DisposedError);
  });
});

test('a binding is let go of where the backend refuses its geometry', async () => {
  let bindings = 0;
  const create = async (): Promise<Backend> => {
    const backend = await reference().create();
    const compile = async (...given: Parameters<Backend['compile']>): Promise<Executable> => {
      const executable = await backend.compile(...given);
      const bind = async (sizes: RunSizes): Promise<Binding> => {
        const binding = await executable.bind(sizes);
        bindings++;
        const dispose = (): void => {
          bindings--;
          binding.dispose();
        };
        return { ...binding, dispose, setGeometry: () => Promise.reject(new DeviceError('out-of-memory', 'no room.')) };
      };
      return { ...executable, bind };
    };
    return { ...backend, compile };
  };
  const calculator = await createCalculator({ model, backend: { ...reference(), create } });
  await expect(calculator.bind([crystal])).rejects.toThrow('no room.');
  expect(bindings).toBe(0);
  await calculator.dispose();
});
