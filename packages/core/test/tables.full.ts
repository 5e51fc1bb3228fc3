/** Tables of functions of distance: within their gate, exact where they do not hold, made anew with new weights. */
import { describe, expect, test } from 'vitest';
import { createCalculator, reference, type Calculator, type MaceModel, type Structure } from '@mace/core';
import type { RealArray } from '@mace/core/backend';
import { deterministicModel, tinyModels, tinyStructure, type TinyModelName } from '@mace/core/generators';
import { nodesOf, verify } from '@mace/core/ir';
import { maceGraph } from '@mace/core/model';
import { planValues } from '@mace/core/planner';
import { makeStructure } from '@mace/core/structure';

const names = Object.keys(tinyModels) as TinyModelName[];
const structures = [tinyStructure('crystal'), tinyStructure('molecule')];
/** The networks of D know both elements of an edge: its tables of three elements take minutes. */
const ofOneElement: readonly TinyModelName[] = ['D'];

/** The elements of the tables of a model. */
function elementsOf(name: TinyModelName): readonly [number, number] {
  const [first, second] = tinyModels[name].config.atomicNumbers;
  return [first!, ofOneElement.includes(name) ? first! : second!];
}

function structuresOf(name: TinyModelName): Structure[] {
  const [z] = elementsOf(name);
  return ofOneElement.includes(name)
    ? structures.map((structure) => ({ ...structure, numbers: structure.numbers.map(() => z) }))
    : structures;
}

async function withCalculators<T>(
  model: MaceModel,
  use: (exact: Calculator, tables: Calculator) => Promise<T>,
): Promise<T> {
  const exact = await createCalculator({ model, backend: reference() });
  const tables = await createCalculator({ model, backend: reference(), tables: true });
  try {
    return await use(exact, tables);
  } finally {
    await exact.dispose();
    await tables.dispose();
  }
}

function weightsOf(model: MaceModel): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
}

async function differences(exact: Calculator, tables: Calculator, structure: Structure) {
  const [a, b] = [await exact.evaluate(structure), await tables.evaluate(structure)];
  return {
    used: b.tables,
    energy: Math.abs(a.energy - b.energy) / structure.numbers.length,
    forces: Math.max(...a.forces!.map((force, i) => Math.abs(force - b.forces![i]!))),
  };
}

/** The networks of later layers of F see features of both atoms, which are no functions of distance; its first layer does not. */
const withMatricesOnEdges: readonly TinyModelName[] = ['F'];

describe.each(names)('model %s', (name) => {
  const model = deterministicModel(tinyModels[name].config);

  test('agrees with the exact model', async () => {
    await withCalculators(model, async (exact, tables) => {
      for (const structure of structuresOf(name)) {
        const { used, energy, forces } = await differences(exact, tables, structure);
        expect(used).toBe(true);
        expect(energy).toBeLessThan(1e-8);
        expect(forces).toBeLessThan(1e-7);
      }
    });
  });

  test('its graph is well-typed and within the gate, and has no matrix on edges left', () => {
    const gate = { range: [0.4, model.config.cutoff], valueError: 1e-6, slopeError: 1e-4 } as const;
    const {
      graph,
      tables,
      parameters: own,
    } = planValues(maceGraph(model), weightsOf(model), ofOneElement.includes(name) ? { species: [0] } : {}, gate);
    verify(graph);
    for (const { attributes } of graph.parameters) expect(own[attributes.name]).toBeDefined();
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.every(({ valueError, slopeError }) => valueError <= 1e-6 && slopeError <= 1e-4)).toBe(true);
    const onEdges = nodesOf(graph).filter(({ op, type }) => op === 'matmul' && type.shape[0] === 'edges');
    expect(onEdges.length > 0).toBe(withMatricesOnEdges.includes(name));
  });
});

test('a table depends on the elements of an edge only where its function does', () => {
  const groups = (name: TinyModelName): number[] => {
    const model = deterministicModel(tinyModels[name].config);
    const gate = { range: [0.4, model.config.cutoff], valueError: 1e-6, slopeError: 1e-4 } as const;
    return planValues(maceGraph(model), weightsOf(model), { species: [0, 2] }, gate).tables.map((one) => one.groups);
  };
  // Two elements: plain Bessel functions know none, the Agnesi transform knows both ends.
  expect(new Set(groups('A'))).toEqual(new Set([1]));
  expect(new Set(groups('C'))).toEqual(new Set([4]));
});

test.each(names)(
  'a dimer of model %s squeezed to 0.2 Å agrees all the way, below the table bit for bit',
  async (name) => {
    const model = deterministicModel(tinyModels[name].config);
    const numbers = elementsOf(name);
    await withCalculators(model, async (exact, tables) => {
      for (const length of [1, 0.6, 0.41, 0.4, 0.39, 0.3, 0.2]) {
        const dimer = makeStructure({ numbers, positions: [0, 0, 0, 0, 0, length] });
        const { used, energy, forces } = await differences(exact, tables, dimer);
        expect(used).toBe(length >= 0.4);
        expect(energy).toBeLessThan(used ? 1e-8 : Number.MIN_VALUE);
        expect(forces).toBeLessThan(used ? 1e-7 : Number.MIN_VALUE);
      }
    });
  },
);

test('a structure among others gets what it gets alone, bit for bit, tables or not', async () => {
  const model = deterministicModel(tinyModels.A.config);
  const [z] = model.config.atomicNumbers;
  const dimers = [1, 0.2, 1.5, 0.3].map((r) => makeStructure({ numbers: [z!, z!], positions: [0, 0, 0, 0, 0, r] }));
  await withCalculators(model, async (_exact, tables) => {
    const together = await tables.evaluateAll(dimers);
    expect(together.map((result) => result.tables)).toEqual([true, false, true, false]);
    for (const [i, dimer] of dimers.entries()) expect(together[i]).toEqual(await tables.evaluate(dimer));
  });
});

test('new weights make new tables', async () => {
  const model = deterministicModel(tinyModels.A.config);
  const name = 'interactions.0.conv_tp_weights.layer0.weight';
  await withCalculators(model, async (exact, tables) => {
    await tables.evaluate(structures[0]!);
    const changed = { [name]: model.weights[name]!.data.map((w) => 0.8 * w + 0.05) };
    await exact.setParameters(changed);
    await tables.setParameters(changed);
    const { used, energy, forces } = await differences(exact, tables, structures[0]!);
    expect({ used, energy: energy < 1e-8, forces: forces < 1e-7 }).toEqual({ used: true, energy: true, forces: true });
  });
});

test('refolding makes the pieces of new weights, under the same names', () => {
  const model = deterministicModel(tinyModels.B.config);
  const weights = weightsOf(model);
  const gate = { range: [0.4, model.config.cutoff], valueError: 1e-3, slopeError: 1e-1 } as const;
  const plan = planValues(maceGraph(model), weights, {}, gate);
  expect(plan.refold(weights)).toEqual(plan.parameters);
  const name = 'interactions.0.conv_tp_weights.layer2.weight';
  const doubled = plan.refold({ ...weights, [name]: weights[name]!.map((w) => 2 * w) });
  const [first] = nodesOf(plan.graph).filter((node) => node.op === 'table');
  const pieces = first!.operands[1];
  const key = pieces.op === 'parameter' ? pieces.attributes.name : '';
  // The last layer of the network is linear, so the table doubles.
  const expected = plan.parameters[key]!.map((value) => 2 * value);
  expect(doubled[key]!.length).toBe(expected.length);
  expect(Math.max(...doubled[key]!.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-12);
});

test('a gate that nothing passes leaves the graph as it is', () => {
  const model = deterministicModel(tinyModels.A.config);
  const gate = { range: [0.4, model.config.cutoff], valueError: 0, slopeError: 0, mostIntervals: 128 } as const;
  expect(planValues(maceGraph(model), weightsOf(model), {}, gate).tables).toEqual([]);
});
