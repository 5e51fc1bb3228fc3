import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { exportOnnx, type ExportOptions } from '@mace/backend-onnx';
import { createCalculator, reference, type MaceModel, type Structure } from '@mace/core';
import { deterministicModel, tinyModels, tinyStructure, type TinyModelName } from '@mace/core/generators';
import { simplify, type Graph } from '@mace/core/ir';
import { maceGraph, observablesGraph, type MaceConfig, type Observable } from '@mace/core/model';
import { planValues } from '@mace/core/planner';
import { buildEdges } from '@mace/core/structure';

const structures = [tinyStructure('crystal'), tinyStructure('molecule')];

function exported(
  model: MaceModel,
  options: Partial<ExportOptions> = {},
  species?: readonly number[],
  more: readonly Observable[] = [],
): Uint8Array {
  const { config, weights } = model;
  const parameters = Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, data]));
  const plan = planValues(maceGraph(model), parameters, species ? { species } : {});
  const graph: Graph = simplify(
    observablesGraph(plan.graph, ['atomEnergy', 'forces', 'atomVirial', 'features', ...more]),
  );
  return exportOnnx(graph, {
    parameters: plan.parameters,
    precision: 'f64',
    atomicNumbers: config.atomicNumbers,
    heads: config.heads,
    isolatedEnergies: weights['atomic_energies_fn.atomic_energies']!.data,
    shift: weights['scale_shift.shift']!.data,
    cutoff: config.cutoff,
    version: '0.0.0',
    ...options,
  });
}

type Feeds = Record<string, ort.Tensor>;

function feedsOf(list: readonly Structure[], cutoff: number): Feeds {
  const { atoms, graphs, edges, sender, receiver, graph, shifts, vectors } = buildEdges(list, cutoff);
  const whole = (values: Iterable<number>, dims: number[]): ort.Tensor =>
    new ort.Tensor('int64', BigInt64Array.from([...values].map(BigInt)), dims);
  const real = (values: Iterable<number>, dims: number[]): ort.Tensor =>
    new ort.Tensor('float64', Float64Array.from(values), dims);
  return {
    positions: real(
      list.flatMap(({ positions }) => [...positions]),
      [atoms, 3],
    ),
    atomic_numbers: whole(
      list.flatMap(({ numbers }) => [...numbers]),
      [atoms],
    ),
    edge_index: whole([...sender.values, ...receiver.values], [2, edges]),
    cell_shifts: whole(shifts, [edges, 3]),
    edge_vectors: real(vectors, [edges, 3]),
    cell: real(
      list.flatMap(({ cell }) => (cell ? [...cell] : new Array<number>(9).fill(0))),
      [graphs, 3, 3],
    ),
    batch: whole(graph.values, [atoms]),
    head: whole(new Array<number>(graphs).fill(0), [graphs]),
  };
}

/** Runs a file with the inputs that it asks for, threads and optimizations as they are by default. */
async function runFile(file: Uint8Array, feeds: Feeds): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  try {
    const asked = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
    const outputs = await session.run(asked);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float64Array)]),
    );
  } finally {
    await session.release();
  }
}

function furthest(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Object.is(value, b[i]) ? 0 : Math.abs(value - b[i]!)), 0);
}

describe('an exported file gives the numbers of the calculator', () => {
  test.each<[TinyModelName, ExportOptions['precision'], NonNullable<ExportOptions['from']>]>([
    ['A', 'f64', 'positions'],
    ['A', 'f64', 'edges'],
    ['A', 'f32', 'positions'],
    ['B', 'f64', 'positions'],
    ['C', 'f64', 'edges'],
    ['D', 'f64', 'positions'],
    ['E', 'f32', 'edges'],
    ['F', 'f64', 'positions'],
  ])('model %s in %s from %s', async (name, precision, from) => {
    const model = deterministicModel(tinyModels[name].config);
    const head = model.config.heads[0]!;
    const calculator = await createCalculator({ model, backend: reference() });
    const properties = ['forces', 'stress', 'descriptors'] as const;
    const wanted = await calculator.evaluateAll(structures, { properties, head });
    await calculator.dispose();
    const found = await runFile(exported(model, { precision, from }), feedsOf(structures, model.config.cutoff));
    const tolerance = precision === 'f64' ? 1e-13 : 2e-6;
    const all = (pick: (result: (typeof wanted)[number]) => Iterable<number>): number[] =>
      wanted.flatMap((r) => [...pick(r)]);
    expect(
      furthest(
        found.energy!,
        all(({ energy }) => [energy]),
      ),
    ).toBeLessThan(tolerance);
    expect(
      furthest(
        found.energies!,
        all(({ energies }) => energies),
      ),
    ).toBeLessThan(tolerance);
    expect(
      furthest(
        found.forces!,
        all(({ forces }) => forces!),
      ),
    ).toBeLessThan(tolerance);
    expect(
      furthest(
        found.stress!,
        all(({ stress }) => stress ?? new Array<number>(9).fill(NaN)),
      ),
    ).toBeLessThan(tolerance);
    expect(
      furthest(
        found.descriptors!,
        all(({ descriptors }) => descriptors!),
      ),
    ).toBeLessThan(tolerance);
  });
});

test('structures of different heads, with extra inputs', async () => {
  const config: MaceConfig = {
    ...tinyModels.A.config,
    heads: ['first', 'second'],
    useEmbeddingReadout: true,
    embeddings: [
      { name: 'total_charge', type: 'categorical', per: 'graph', embeddingSize: 4, numClasses: 5, offset: 2 },
      { name: 'elec_temp', type: 'continuous', per: 'graph', embeddingSize: 3, inputSize: 1 },
    ],
  };
  const model = deterministicModel(config);
  const calculator = await createCalculator({ model, backend: reference() });
  const inputs = { total_charge: -1, elec_temp: 0.3 };
  const wanted = [
    await calculator.evaluate(structures[0]!, { head: 'second', inputs }),
    await calculator.evaluate(structures[1]!, { head: 'first', inputs }),
  ];
  await calculator.dispose();
  const file = exported(model, { offsets: { total_charge: 2 } }, undefined, ['embeddingEnergy']);
  const found = await runFile(file, {
    ...feedsOf(structures, config.cutoff),
    head: new ort.Tensor('int64', BigInt64Array.of(1n, 0n), [2]),
    total_charge: new ort.Tensor('int64', BigInt64Array.of(-1n, -1n), [2]),
    elec_temp: new ort.Tensor('float64', Float64Array.of(0.3, 0.3), [2, 1]),
  });
  const energies = wanted.map(({ energy }) => energy);
  const forces = wanted.flatMap((result) => [...result.forces!]);
  expect(furthest(found.energy!, energies)).toBeLessThan(1e-13);
  expect(furthest(found.forces!, forces)).toBeLessThan(1e-13);
});

describe('an exported file', () => {
  const model = deterministicModel(tinyModels.A.config);
  const { cutoff } = model.config;

  test('of some elements knows these, and fails for others', async () => {
    const [, second, third] = model.config.atomicNumbers;
    const file = exported(model, { elements: [second!, third!] }, [1, 2]);
    const feeds = feedsOf(structures, cutoff);
    await expect(runFile(file, feeds)).rejects.toThrow(/out of data bounds/);
    const atoms = feeds.batch!.dims[0]!;
    const known = new ort.Tensor('int64', new BigInt64Array(atoms).fill(BigInt(second!)), [atoms]);
    const whole = await runFile(exported(model), { ...feeds, atomic_numbers: known });
    const part = await runFile(file, { ...feeds, atomic_numbers: known });
    expect(furthest(part.energies!, whole.energies!)).toBeLessThan(1e-13);
  });

  test.each([79, 0, 500, -1])('fails for the element %s', async (number) => {
    const feeds = feedsOf(structures, cutoff);
    const atoms = feeds.batch!.dims[0]!;
    const atomic_numbers = new ort.Tensor('int64', new BigInt64Array(atoms).fill(BigInt(number)), [atoms]);
    await expect(runFile(exported(model), { ...feeds, atomic_numbers })).rejects.toThrow(/out of data bounds/);
  });

  test.each([
    [1, 1],
    [0, 1],
    [0, 0],
  ])('takes %s atoms in %s structures', async (atoms, graphs) => {
    const empty = (type: 'int64' | 'float64', dims: number[]): ort.Tensor => {
      const size = dims.reduce((a, b) => a * b, 1);
      return type === 'int64'
        ? new ort.Tensor('int64', new BigInt64Array(size), dims)
        : new ort.Tensor('float64', new Float64Array(size), dims);
    };
    const feeds = {
      positions: empty('float64', [atoms, 3]),
      atomic_numbers: new ort.Tensor('int64', new BigInt64Array(atoms).fill(8n), [atoms]),
      edge_index: empty('int64', [2, 0]),
      cell_shifts: empty('int64', [0, 3]),
      cell: empty('float64', [graphs, 3, 3]),
      batch: empty('int64', [atoms]),
    };
    const found = await runFile(exported(model), feeds);
    expect(found.energy).toHaveLength(graphs);
    expect(found.forces).toEqual(new Array(3 * atoms).fill(0));
    if (atoms === 0) expect(found.energy).toEqual(new Array(graphs).fill(0));
  });

  test('gives the outputs that were asked for and no others', async () => {
    const found = await runFile(exported(model, { outputs: ['energy', 'stress'] }), feedsOf(structures, cutoff));
    expect(Object.keys(found)).toEqual(['energy', 'stress']);
  });

  test('says what it is', async () => {
    const text = new TextDecoder('latin1').decode(
      exported(model, { metadata: { licence: 'MIT', source_sha256: 'abc' } }),
    );
    for (const word of [
      'units',
      'elements',
      'cutoff',
      'heads',
      'licence',
      'source_sha256',
      'abc',
      'positive under tension',
    ])
      expect(text).toContain(word);
  });

  test('refuses a graph without energies', () => {
    const { atomEnergy: _, ...outputs } = maceGraph(model).outputs;
    expect(() => exportOnnx({ ...maceGraph(model), outputs }, {} as ExportOptions)).toThrow(/has no output atomEnergy/);
  });
});
