/** A call computes what it was given with the weights of its time, whatever the caller does with the arrays meanwhile. */
import { describe, expect, test } from 'vitest';
import { UnsupportedError, createCalculator, reference, type Calculator, type MaceModel } from '@mace/core';
import type {
  Backend,
  BackendDefinition,
  Binding,
  NeighborEdges,
  NeighborRequest,
  RunOutputs,
  RunValues,
} from '@mace/core/backend';
import { findNeighbors, makeStructure, type Structure } from '@mace/core/structure';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';

const isolated = 'atomic_energies_fn.atomic_energies';
const readout = 'readouts.0.linear.weight';

/** New arrays each time, as they are changed here. */
const fresh = (): MaceModel => deterministicModel(tinyModels.B.config);
function crystal(): Structure {
  const { numbers, positions, cell, pbc } = tinyStructure('crystal');
  return makeStructure({ numbers: [...numbers], positions: positions.slice(), cell: cell!.slice(), pbc: [...pbc] });
}

/** The reference, which takes its time at everything it is asked. */
const slow: BackendDefinition = {
  ...reference(),
  create: async (): Promise<Backend> => {
    const backend = await reference().create();
    const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
    return {
      ...backend,
      neighbors: async ({ positions, cell, pbc, cutoff }: NeighborRequest): Promise<NeighborEdges> => {
        await soon();
        const numbers = new Array<number>(positions.length / 3).fill(1);
        return findNeighbors(makeStructure({ numbers, positions, cell, pbc }), cutoff);
      },
      compile: async (...given) => {
        await soon();
        const executable = await backend.compile(...given);
        return {
          ...executable,
          bind: async (sizes) => {
            const binding = await executable.bind(sizes);
            const run = async (values: RunValues): Promise<RunOutputs> => {
              const outputs = await binding.run(values);
              await soon();
              return outputs;
            };
            return { ...binding, run: run as Binding['run'] };
          },
          setParameters: async (parameters) => {
            await soon();
            await executable.setParameters(parameters);
            await soon();
          },
        };
      },
    };
  },
};

const plain = createCalculator({ model: fresh(), backend: reference() });

function spoil({ numbers, positions, cell, pbc, info }: Structure): void {
  numbers.fill(numbers[0]!);
  positions.fill(0.5);
  cell!.fill(5);
  (pbc as unknown as boolean[]).fill(false);
  (info as Record<string, unknown>).head = 'another';
}

describe('a structure that changes while it is computed', () => {
  const calls: Readonly<Record<string, (calculator: Calculator, structure: Structure) => Promise<unknown>>> = {
    evaluate: (calculator, structure) => calculator.evaluate(structure),
    evaluateAll: async (calculator, structure) => calculator.evaluateAll([structure, crystal(), structure]),
    prepare: async (calculator, structure) => (await calculator.prepare([structure])).run(),
    hessian: (calculator, structure) => calculator.hessian(structure),
    hessianVector: (calculator, structure) => calculator.hessianVector(structure, new Float64Array(12).fill(1)),
  };
  test.each(Object.entries(calls))('changes nothing of %s', async (_, call) => {
    const calculator = await createCalculator({ model: fresh(), backend: slow, batchAtoms: 4 });
    const structure = crystal();
    const found = call(calculator, structure);
    spoil(structure);
    expect(await found).toEqual(await call(await plain, crystal()));
    await calculator.dispose();
  });

  test('nor does a list that is shortened, or a vector', async () => {
    const calculator = await createCalculator({ model: fresh(), backend: slow, batchAtoms: 4 });
    const list = [crystal(), crystal(), crystal()];
    const results = calculator.evaluateAll(list);
    list.length = 1;
    expect(await results).toHaveLength(3);
    const vector = new Float64Array(12).fill(1);
    const product = calculator.hessianVector(crystal(), vector);
    vector.fill(7);
    expect(await product).toEqual(await (await plain).hessianVector(crystal(), new Float64Array(12).fill(1)));
    await calculator.dispose();
  });
});

describe('weights that change while something is computed', () => {
  const halved = (name: string): Float64Array => Float64Array.from(fresh().weights[name]!.data, (w) => w / 2);
  const changed = { [isolated]: halved(isolated), [readout]: halved(readout) };

  test('in the arrays of the model change nothing', async () => {
    const model = fresh();
    const calculator = await createCalculator({ model, backend: slow });
    const found = calculator.evaluate(crystal());
    for (const { data } of Object.values(model.weights)) data.fill(0.3);
    expect(await found).toEqual(await (await plain).evaluate(crystal()));
    await calculator.dispose();
  });

  test('by setParameters are old for calls before it, and new for calls after it', async () => {
    const before = (await (await plain).evaluate(crystal())).energy;
    const other = await createCalculator({ model: fresh(), backend: reference() });
    await other.setParameters(changed);
    const after = (await other.evaluate(crystal())).energy;
    expect(after).not.toBe(before);
    const calculator = await createCalculator({ model: fresh(), backend: slow });
    await calculator.evaluate(crystal());
    const given = { [isolated]: changed[isolated]!.slice(), [readout]: changed[readout]!.slice() };
    const energy = async (): Promise<number> => (await calculator.evaluate(crystal())).energy;
    const [first, change, second] = [energy(), calculator.setParameters(given), energy()];
    for (const data of Object.values(given)) data.fill(0);
    const back = Object.fromEntries(Object.keys(given).map((name) => [name, fresh().weights[name]!.data]));
    const [again, third] = [calculator.setParameters(back), energy()];
    expect(await Promise.all([first, second, third])).toEqual([before, after, before]);
    await Promise.all([change, again]);
    await calculator.dispose();
  });

  test('by setParameters that fails half way stay the old ones', async () => {
    let fails = true;
    const create = async (): Promise<Backend> => {
      const backend = await reference().create();
      const compile: Backend['compile'] = async (...given) => {
        const executable = await backend.compile(...given);
        const setParameters: typeof executable.setParameters = async (parameters) => {
          await executable.setParameters(parameters);
          if (fails) throw new Error('the device has no memory');
        };
        return { ...executable, setParameters };
      };
      return { ...backend, compile };
    };
    const calculator = await createCalculator({ model: fresh(), backend: { ...reference(), create } });
    const before = await calculator.evaluate(crystal());
    await expect(calculator.setParameters(changed)).rejects.toThrow(/no memory/);
    expect(await calculator.evaluate(crystal())).toEqual(before);
    fails = false;
    await calculator.setParameters(changed);
    expect((await calculator.evaluate(crystal())).energy).not.toBe(before.energy);
    await calculator.dispose();
  });

  test('to what is no array of numbers are refused, and nothing changes', async () => {
    const calculator = await createCalculator({ model: fresh(), backend: reference() });
    const before = await calculator.evaluate(crystal());
    const { length } = fresh().weights[readout]!.data;
    const sparse = new Array<number>(length);
    const wrong: readonly unknown[] = [
      { [readout]: sparse },
      { [readout]: new Array<number>(length).fill(1) },
      { [readout]: { length } },
      { [readout]: new Int32Array(length) },
      { [readout]: 'x'.repeat(length) },
      { [readout]: null },
      { [readout]: undefined },
      { [readout]: new Float64Array(length).fill(NaN) },
      { [readout]: new Float32Array(length).fill(Infinity) },
      { [isolated]: changed[isolated], [readout]: new Float64Array(length + 1) },
      null,
      undefined,
      'weights',
      [changed],
      new Float64Array(3),
    ];
    for (const weights of wrong)
      await expect(calculator.setParameters(weights as never)).rejects.toThrow(UnsupportedError);
    expect(await calculator.evaluate(crystal())).toEqual(before);
    await calculator.dispose();
  });
});

describe('a calculator that cannot be made', () => {
  const made: Backend[] = [];
  const definition: BackendDefinition = {
    ...reference(),
    create: async () => {
      const backend = await reference().create();
      const f64Only = { ...backend, capabilities: { ...backend.capabilities, precisions: ['f64'] as const } };
      made.push(f64Only);
      return f64Only;
    },
  };
  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['a precision that its backend lacks', { precision: 'f32' }, /f32 was asked for/],
    ['a model without its weights', { model: { ...fresh(), weights: {} } }, /./],
  ];
  test.each(wrong)('for %s disposes of the backend that it made', async (_, options, message) => {
    const count = made.length;
    await expect(createCalculator({ model: fresh(), backend: definition, ...options })).rejects.toThrow(message);
    expect(made).toHaveLength(count + 1);
    await expect(made[count]!.compile({} as never, {} as never)).rejects.toMatchObject({ code: 'disposed' });
  });
});
