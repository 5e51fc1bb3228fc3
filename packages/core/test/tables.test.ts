/** Tables of functions of distance: within their gate, exact where they do not hold, made anew with new weights. */
import { describe, expect, test } from 'vitest';
import { createCalculator, reference, type Calculator, type MaceModel, type Structure } from '@mace/core';
import { deterministicModel, tinyModels, tinyStructure, type TinyModelName } from '@mace/core/generators';
import { nodesOf, verify } from '@mace/core/ir';
import { maceGraph } from '@mace/core/model';
import { planValues } from '@mace/core/planner';
import { makeStructure } from '@mace/core/structure';

const names = Object.keys(tinyModels) as TinyModelName[];
const structures = [tinyStructure('crystal'), tinyStructure('molecule')];

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

async function differences(exact: Calculator, tables: Calculator, structure: Structure) {
  const [a, b] = [await exact.evaluate(structure), await tables.evaluate(structure)];
  return {
    used: b.tables,
    energy: Math.abs(a.energy - b.energy) / structure.numbers.length,
    forces: Math.max(...a.forces!.map((force, i) => Math.abs(force - b.forces![i]!))),
  };
}

/** Networks that also see features of the atoms are no functions of distance. */
const withoutTables: readonly TinyModelName[] = ['F'];

describe.each(names)('model %s', (name) => {
  const model = deterministicModel(tinyModels[name].config);

  test('agrees with the exact model', async () => {
    await withCalculators(model, async (exact, tables) => {
      for (const structure of structures) {
        const { used, energy, forces } = await differences(exact, tables, structure);
        expect(used).toBe(!withoutTables.includes(name));
        expect(energy).toBeLessThan(1e-8);
        expect(forces).toBeLessThan(1e-7);
      }
    });
  });

  test('its graph is well-typed, has no matrix on edges left, and its exact bodies give the same', () => {
    const parameters = Object.fromEntries(Object.entries(model.weights).map(([key, { data }]) => [key, data]));
    const gate = { range: [0.4, model.config.cutoff], valueError: 1e-6, slopeError: 1e-4 } as const;
    const { graph, tables, parameters: own } = planValues(maceGraph(model), parameters, {}, gate);
    verify(graph);
    for (const { attributes } of graph.parameters) expect(own[attributes.name]).toBeDefined();
    if (withoutTables.includes(name)) return;
    const onEdges = nodesOf(graph).filter(({ op, type }) => op === 'matmul' && type.shape[0] === 'edges');
    expect(onEdges).toEqual([]);
    expect(tables.every(({ valueError, slopeError }) => valueError <= 1e-6 && slopeError <= 1e-4)).toBe(true);
  });
});

test('atoms nearer than a table holds for are computed exactly, bit for bit', async () => {
  const model = deterministicModel(tinyModels.A.config);
  const [z] = model.config.atomicNumbers;
  const squeezed = makeStructure({ numbers: [z!, z!], positions: [0, 0, 0, 0, 0, 0.2] });
  await withCalculators(model, async (exact, tables) => {
    expect(await differences(exact, tables, squeezed)).toEqual({ used: false, energy: 0, forces: 0 });
    expect((await differences(exact, tables, structures[0]!)).used).toBe(true);
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

test('a gate that nothing passes leaves the graph as it is', () => {
  const model = deterministicModel(tinyModels.A.config);
  const parameters = Object.fromEntries(Object.entries(model.weights).map(([key, { data }]) => [key, data]));
  const gate = { range: [0.4, model.config.cutoff], valueError: 0, slopeError: 0, mostKnots: 128 } as const;
  expect(planValues(maceGraph(model), parameters, {}, gate).tables).toEqual([]);
});
