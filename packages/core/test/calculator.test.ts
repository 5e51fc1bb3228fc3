/** The calculator: what it accepts, refuses, replaces and gives back. */
import { describe, expect, test } from 'vitest';
import {
  BackendUnavailableError,
  CancelledError,
  DeviceError,
  DisposedError,
  StructureError,
  UnsupportedError,
  createCalculator,
  isMaceError,
  reference,
  type MaceModel,
} from '@mace/core';
import type { NeighborEdges, NeighborRequest } from '@mace/core/backend';
import { findNeighbors, makeStructure, permuteRows, type Structure } from '@mace/core/structure';
import type { EmbeddingSpec } from '@mace/core/model';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
import { headOf, inputRows } from '../src/calculator/model-inputs.js';

const model = deterministicModel(tinyModels.B.config);
const crystal = tinyStructure('crystal');

describe('createCalculator', () => {
  test('never picks a backend: without one the error names the recipe', async () => {
    const promise = createCalculator({ model } as unknown as Parameters<typeof createCalculator>[0]);
    await expect(promise).rejects.toThrow(BackendUnavailableError);
    await expect(promise).rejects.toThrow(/reference\(\)/);
  });

  test('refuses a backend of another contract and a precision that the backend lacks', async () => {
    await expect(createCalculator({ model, backend: { ...reference(), contract: 1 as unknown as 2 } })).rejects.toThrow(
      /contract 1/,
    );
    const backend = await reference().create();
    const f32Only = Object.assign(Object.create(backend) as typeof backend, {
      capabilities: { ...backend.capabilities, precisions: ['f32'] as const },
    });
    await expect(createCalculator({ model, backend: f32Only })).rejects.toThrow(UnsupportedError);
  });

  test('leaves a backend that it was given alive, and disposes of its own', async () => {
    const backend = await reference().create();
    const calculator = await createCalculator({ model, backend });
    await calculator.evaluate(crystal);
    await calculator.dispose();
    expect(backend.memory().liveBytes).toBe(0);
    await (await createCalculator({ model, backend })).evaluate(crystal);
  });
});

describe('warnings of a result', () => {
  const pair = (distance: number, order: readonly number[] = [0, 1, 2]): Structure => {
    const place = [
      [0, 0, 0],
      [9, 0, 0],
      [9, 0, distance],
    ];
    return makeStructure({ numbers: [1, 1, 1], positions: order.map((atom) => place[atom]!) });
  };

  test('what the reader found doubtful comes first, and atoms nearer than 0.3 Å are named as the caller numbers them', async () => {
    const calculator = await createCalculator({ model, backend: reference() });
    const warnings = async (structures: Structure[]): Promise<(readonly string[])[]> =>
      (await calculator.evaluateAll(structures)).map((result) => result.warnings);
    const read = { ...pair(0.29, [2, 0, 1]), warnings: ['from the file'] };
    expect(await warnings([pair(0.31), read, pair(0.1), pair(0.74)])).toEqual([
      [],
      ['from the file', expect.stringMatching(/^atoms 0 and 2 are 0\.290 Å apart/)],
      [expect.stringMatching(/^atoms 1 and 2 are 0\.100 Å apart/)],
      [],
    ]);
    const image = makeStructure({ numbers: [1], positions: [0, 0, 0], cell: [5, 5, 0.2] });
    expect(await warnings([image])).toEqual([[expect.stringMatching(/^atom 0 and its own image are 0\.200 Å/)]]);
    await calculator.dispose();
  });
});

describe('charge and spin of a structure', () => {
  const notes = async (of: MaceModel, info: Structure['info'], options = {}): Promise<readonly string[]> => {
    const calculator = await createCalculator({ model: of, backend: reference() });
    const { warnings } = await calculator.evaluate({ ...crystal, info }, options);
    await calculator.dispose();
    return warnings;
  };

  test('a model that knows neither says what it ignored, unless it is what all structures have', async () => {
    expect(await notes(model, { charge: 0, spin: 1, total_charge: 0, spin_multiplicity: 1 })).toEqual([]);
    expect(await notes(model, { charge: 1, spin: 2, spin_multiplicity: 3 })).toEqual([
      'the structure has charge = 1; this model does not know charges and ignored it',
      'the structure has spin = 2; this model does not know spins and ignored it',
      'the structure has spin_multiplicity = 3; this model does not know spins and ignored it',
    ]);
    expect(await notes(model, { total_charge: -1, total_spin: 2 })).toHaveLength(2);
    expect(await notes(model, { spin: { shape: [2], values: [3, 1], kind: 'integer' } })).toEqual([
      'the structure has spin = 3 1; this model does not know spins and ignored it',
    ]);
  });

  test('a model that knows them says which keys it did not follow', async () => {
    const spec = { type: 'categorical', per: 'graph', embeddingSize: 2, numClasses: 9, offset: 4 } as const;
    const embeddings: EmbeddingSpec[] = [
      { name: 'total_charge', ...spec },
      { name: 'total_spin', ...spec },
    ];
    const knowing = deterministicModel({ ...tinyModels.B.config, embeddings });
    expect(await notes(knowing, { charge: 1, spin: 2 })).toEqual([]);
    expect(await notes(knowing, { charge: 1, spin_multiplicity: 2, total_charge: -1 })).toEqual([
      'the structure has charge = 1; total_charge = -1 was used',
      'the structure has spin_multiplicity = 2; total_spin = 1 was used',
    ]);
    expect(await notes(knowing, { spin_multiplicity: 2 }, { inputs: { total_spin: 3 } })).toEqual([]);
    for (const value of ['one', '1+', true])
      await expect(notes(knowing, { charge: value })).rejects.toThrow(`charge = ${value} is not a number`);
    expect(await notes(knowing, { charge: 'one' }, { inputs: { total_charge: 1 } })).toEqual([]);
    expect(await notes(knowing, { net_charge: 1, mult: 3 })).toEqual([
      'the structure has net_charge = 1; total_charge = 0 was used',
      'the structure has mult = 3; total_spin = 1 was used',
    ]);
    await expect(notes(knowing, { total_spin: 'doublet' })).rejects.toThrow('total_spin = doublet is not a number');
    expect(await notes(knowing, { total_spin: 'doublet' }, { inputs: { total_spin: 2 } })).toEqual([]);
    expect(await notes(model, { charge: 'one' })).toEqual([expect.stringMatching(/charge = one; .* ignored it$/)]);
  });
});

describe('the head that a structure asks for', () => {
  const config = { ...tinyModels.B.config, heads: ['Default', '3'] };

  test.each([
    ['3', '3'],
    [3, '3'],
    [undefined, 'Default'],
  ])('%s is %s', (head, expected) => {
    const info: Structure['info'] = head === undefined ? {} : { head };
    expect(headOf(config, { ...crystal, info }, {}).value).toBe(expected);
  });

  test.each([0, true, '', { shape: [2], values: [1, 2], kind: 'integer' } as const])(
    '%j, which the model does not have, is not taken for none',
    (head) => {
      expect(() => headOf(config, { ...crystal, info: { head } }, {})).toThrow(StructureError);
      expect(() => headOf(config, { ...crystal, info: { head } }, {})).toThrow('this model has Default, 3');
    },
  );
});

describe('neighbors of a backend', () => {
  test('are used, in whatever order and precision they come: the result keeps its bits', async () => {
    const plain = await createCalculator({ model, backend: reference() });
    const expected = await plain.evaluate(crystal);
    for (const kind of [Float64Array, Float32Array]) {
      const backend = await reference().create();
      let searches = 0;
      const neighbors = async ({ positions, cell, pbc, cutoff }: NeighborRequest): Promise<NeighborEdges> => {
        searches++;
        const numbers = new Int32Array(positions.length / 3).fill(1);
        const list = findNeighbors(makeStructure({ numbers, positions, cell, pbc }), cutoff);
        const last = Int32Array.from({ length: list.edges }, (_, e) => list.edges - 1 - e);
        return {
          sender: permuteRows(list.sender, last),
          receiver: permuteRows(list.receiver, last),
          shifts: permuteRows(list.shifts, last),
          vectors: new kind(permuteRows(list.vectors, last)),
        };
      };
      const calculator = await createCalculator({ model, backend: { ...backend, neighbors } });
      const { energy, forces, stress } = await calculator.evaluate(crystal);
      expect({ energy, forces, stress }).toEqual({
        energy: expected.energy,
        forces: expected.forces,
        stress: expected.stress,
      });
      expect(searches).toBe(1);
    }
  });

  test('that fail for want of memory are an error, not another search', async () => {
    const neighbors = async (): Promise<NeighborEdges> => {
      throw new DeviceError('out-of-memory', 'no room.');
    };
    const calculator = await createCalculator({ model, backend: { ...(await reference().create()), neighbors } });
    await expect(calculator.evaluate(crystal)).rejects.toThrow(DeviceError);
  });
});

describe('prepare', () => {
  test('runs again and again with the bits of evaluate, where tables hold for some structures only', async () => {
    const backend = await reference().create();
    const calculator = await createCalculator({ model, backend, tables: true });
    const [near, far] = [0.3, 0.9].map((x) =>
      makeStructure({ numbers: Array<number>(2).fill(model.config.atomicNumbers[0]!), positions: [0, 0, 0, x, 0, 0] }),
    );
    const structures = [far!, near!, crystal];
    const expected = await calculator.evaluateAll(structures, { properties: ['forces'] });
    const prepared = await calculator.prepare(structures, { properties: ['forces'] });
    expect(expected.map(({ tables }) => tables)).toEqual([true, false, true]);
    expect(prepared.withTables).toBe(2);
    expect(prepared.atoms).toBe(expected.reduce((sum, { atoms }) => sum + atoms, 0));
    expect(prepared.edges).toBe(expected.reduce((sum, { edges }) => sum + edges, 0));
    for (let run = 0; run < 2; run++) expect(await prepared.run()).toEqual(expected);
    await calculator.dispose();
    await expect(prepared.run()).rejects.toThrow(DisposedError);
    await expect(calculator.prepare(structures)).rejects.toThrow(DisposedError);
  });
});

describe('setParameters', () => {
  for (const plan of [true, false]) {
    test(`gives what a new calculator with these weights gives, ${plan ? 'planned' : 'as written'}`, async () => {
      const names = [
        'interactions.0.linear_up.weight',
        'products.1.symmetric_contractions.contractions.0.weights_max',
        'readouts.0.linear.weight',
      ];
      const changed = Object.fromEntries(
        names.map((name) => [name, model.weights[name]!.data.map((w) => 0.7 * w + 0.1)]),
      );
      const other: MaceModel = {
        ...model,
        weights: {
          ...model.weights,
          ...Object.fromEntries(names.map((name) => [name, { ...model.weights[name]!, data: changed[name]! }])),
        },
      };
      const calculator = await createCalculator({ model, backend: reference(), plan });
      const before = await calculator.evaluate(crystal);
      await calculator.setParameters(changed);
      const after = await calculator.evaluate(crystal);
      const fresh = await (await createCalculator({ model: other, backend: reference(), plan })).evaluate(crystal);
      expect(after.energy).toBe(fresh.energy);
      expect([...after.forces!]).toEqual([...fresh.forces!]);
      expect(after.energy).not.toBe(before.energy);
    });
  }

  test('takes what the host adds, and refuses constants that are part of the graph', async () => {
    const prefactor = 'radial_embedding.bessel_fn.prefactor';
    const stored = { ...model, weights: { ...model.weights, [prefactor]: { shape: [], data: Float64Array.of(0.7) } } };
    const calculator = await createCalculator({ model: stored, backend: reference() });
    const before = await calculator.evaluate(crystal);
    await calculator.setParameters({ 'scale_shift.shift': Float64Array.of(0.4) });
    expect((await calculator.evaluate(crystal)).energy - before.energy).toBeCloseTo(4 * 0.1, 12);
    await expect(calculator.setParameters({ [prefactor]: Float64Array.of(1) })).rejects.toThrow(/constant/);
  });

  test('names a weight that is unknown or of another size', async () => {
    const calculator = await createCalculator({ model, backend: reference() });
    const before = await calculator.evaluate(crystal);
    const mixed = { 'readouts.0.linear.weight': new Float64Array(4), nothing: new Float64Array(1) };
    await expect(calculator.setParameters(mixed)).rejects.toThrow(/nothing/);
    expect((await calculator.evaluate(crystal)).energy).toBe(before.energy);
    await expect(calculator.setParameters({ nothing: new Float64Array(1) })).rejects.toThrow(/nothing/);
    await expect(calculator.setParameters({ 'readouts.0.linear.weight': new Float64Array(1) })).rejects.toThrow(
      /4 values, got 1/,
    );
  });
});

describe('evaluate', () => {
  test('elements that come later are computed as if they had been there from the start', async () => {
    const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 0.9, 0, 0, 0, 0.9, 0] });
    const methane = makeStructure({ symbols: ['C', 'H'], positions: [0, 0, 0, 1.1, 0, 0] });
    const grown = await createCalculator({ model, backend: reference() });
    await grown.evaluate(water);
    const late = await grown.evaluate(methane);
    const direct = await (await createCalculator({ model, backend: reference() })).evaluate(methane);
    expect(late.energy).toBe(direct.energy);
    expect([...late.forces!]).toEqual([...direct.forces!]);
  });

  test('refuses what cannot be computed, and says what and where', async () => {
    const calculator = await createCalculator({ model, backend: reference() });
    const refused = async (structure: Parameters<typeof calculator.evaluate>[0], message: RegExp): Promise<void> => {
      const error: unknown = await calculator.evaluate(structure).catch((reason: unknown) => reason);
      expect(isMaceError(error) && error instanceof StructureError).toBe(true);
      expect((error as Error).message).toMatch(message);
    };
    const h = { symbols: ['H', 'O'], positions: [0, 0, 0, 0, 0, 1] };
    await refused(makeStructure({ ...h, symbols: ['H', 'Fe'] }), /Fe/);
    await refused({ ...makeStructure(h), positions: Float64Array.of(0, 0, 0, 0, 0, NaN) }, /atom 1/);
    await refused(makeStructure({ ...h, positions: [0, 0, 0, 0, 0, 0] }), /0.*1/);
    await refused({ ...makeStructure(h), cell: new Float64Array(9), pbc: [true, true, true] }, /cell|vector/i);
  });

  test('stops when asked to, and after dispose', async () => {
    const calculator = await createCalculator({ model, backend: reference() });
    await expect(calculator.evaluate(crystal, { cancellation: { aborted: true } })).rejects.toThrow(CancelledError);
    await calculator.dispose();
    await calculator.dispose();
    await expect(calculator.evaluate(crystal)).rejects.toThrow(DisposedError);
  });

  test('nothing at all is nothing, and an empty structure has no energy', async () => {
    const calculator = await createCalculator({ model, backend: reference() });
    expect(await calculator.evaluateAll([])).toEqual([]);
    const empty = await calculator.evaluate(makeStructure({ numbers: [], positions: [] }));
    expect([empty.energy, empty.atoms, empty.forces!.length]).toEqual([0, 0, 0]);
  });
});

describe('NaN is never an energy', () => {
  const withWeight = (name: string, value: number, of = model): MaceModel => {
    const { shape, data } = of.weights[name]!;
    return { ...of, weights: { ...of.weights, [name]: { shape, data: data.map(() => value) } } };
  };
  const isolated = 'atomic_energies_fn.atomic_energies';

  test('weights that are not finite are refused, by name, given with the model or later', async () => {
    for (const value of [NaN, Infinity]) {
      await expect(createCalculator({ model: withWeight(isolated, value), backend: reference() })).rejects.toThrow(
        new RegExp(`The weight ${isolated}\\[0\\] = ${value} is not a finite number`),
      );
    }
    const calculator = await createCalculator({ model, backend: reference() });
    const { energy } = await calculator.evaluate(crystal);
    const data = Float64Array.from(model.weights[isolated]!.data, (_, i) => (i === 1 ? NaN : 0));
    await expect(calculator.setParameters({ [isolated]: data })).rejects.toThrow(UnsupportedError);
    await expect(calculator.setParameters({ [isolated]: data })).rejects.toThrow(/atomic_energies\[1\] = NaN/);
    expect((await calculator.evaluate(crystal)).energy).toBe(energy);
    await calculator.dispose();
  });

  test('results that overflow are an error that names the quantity and the structure', async () => {
    const calculator = await createCalculator({ model: withWeight(isolated, 1.7e308), backend: reference() });
    const wrong = calculator.evaluate(crystal);
    await expect(wrong).rejects.toThrow(StructureError);
    await expect(wrong).rejects.toThrow(/^energy = Infinity is not a finite number\. Look for atoms .* model\.$/);
    const atom = makeStructure({ numbers: [crystal.numbers[0]!], positions: [0, 0, 0] });
    await expect(calculator.evaluateAll([atom, atom, crystal])).rejects.toThrow(/^Structure 2: energy = Infinity/);
    const prepared = await calculator.prepare([atom, crystal]);
    await expect(prepared.run()).rejects.toThrow(/^Structure 1: energy = Infinity/);
    await calculator.dispose();
    const large = withWeight('readouts.0.linear.weight', 1e200, withWeight('scale_shift.scale', 1e200));
    const steep = await createCalculator({ model: large, backend: reference() });
    await expect(steep.evaluate(crystal)).rejects.toThrow(/ = -?(NaN|Infinity) is not a finite number/);
    await expect(steep.hessian(crystal)).rejects.toThrow(/^hessian\[\d+\] = -?(NaN|Infinity) is not a finite number/);
    await steep.dispose();
  });

  test('an input of the model that is not finite is refused by name', () => {
    const spec = { name: 'elec_temp', type: 'continuous', per: 'graph', inputSize: 1 } as const;
    const row = (value: number): number[] => inputRows(spec as unknown as EmbeddingSpec, { value, from: 'option' }, 3);
    expect(row(300)).toEqual([300]);
    for (const value of [NaN, -Infinity])
      expect(() => row(value)).toThrow(new RegExp(`^elec_temp = ${value} is not a finite number`));
  });
});
