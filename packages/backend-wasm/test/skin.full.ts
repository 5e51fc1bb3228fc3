// Edges beyond the cutoff change nothing, with tables and without: not one bit, but for the sign of zeros.
import { describe, expect, it } from 'vitest';
import { reference, type Structure } from '@mace/core';
import { indexMapValues, type BackendDefinition, type RunInputs } from '@mace/core/backend';
import { deterministicModel, seededRandom, tinyModels, type TinyModelName } from '@mace/core/generators';
import { nodesOf, simplify, type Graph } from '@mace/core/ir';
import { maceGraph, observablesGraph, type MaceModel } from '@mace/core/model';
import { planValues, tableGate, type ValuePlan } from '@mace/core/planner';
import { buildEdges, makeStructure } from '@mace/core/structure';
import { wasm } from '@mace/backend-wasm';

const skin = 0.5;

/** A periodic box in which pairs of atoms are at all distances, exactly the cutoff of 4 Å among them. */
function box(numbers: readonly number[], atoms: number): Structure {
  const random = seededRandom(5);
  const side = 2.2 * Math.cbrt(atoms);
  const positions = Array.from({ length: 3 * atoms }, () => side * random());
  const shift = (axis: number): number => (axis === 0 ? 4 : 0);
  for (let axis = 0; axis < 3; axis++) positions[3 + axis] = positions[axis]! + shift(axis);
  return makeStructure({
    numbers: Array.from({ length: atoms }, (_, i) => numbers[i % numbers.length]!),
    positions,
    cell: [side, side, side],
  });
}

function inputsOf({ config }: MaceModel, structure: Structure, reach: number): RunInputs {
  const edges = buildEdges([structure], reach);
  const species = Int32Array.from(structure.numbers, (z) => config.atomicNumbers.indexOf(z));
  return {
    dims: { atoms: edges.atoms, edges: edges.edges, graphs: 1 },
    maps: {
      sender: edges.sender,
      receiver: edges.receiver,
      graph: edges.graph,
      species: indexMapValues(species, config.atomicNumbers.length),
      head: indexMapValues(Int32Array.of(0), config.heads.length),
    },
    values: { edgeVectors: edges.vectors },
  };
}

function planOf(model: MaceModel, precision: 'f64' | 'f32', tables: boolean): { graph: Graph; plan: ValuePlan } {
  const weights = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
  const gate = tables ? { ...tableGate(precision, model.config.cutoff), valueError: 1e-4, slopeError: 1e-3 } : null;
  const plan = planValues(maceGraph(model), weights, { species: [0, 2] }, gate);
  expect(plan.tables.length > 0).toBe(tables);
  return { plan, graph: simplify(observablesGraph(plan.graph, ['atomEnergy', 'forces', 'atomVirial'])) };
}

/** 32 channels: kernels of whole lines. */
function modelOf(name: TinyModelName): MaceModel {
  const { config } = tinyModels[name];
  return deterministicModel(name === 'B' ? { ...config, hiddenIrreps: '32x0e+32x1o' } : config);
}

// Not F: its networks see features of both atoms, and do not end at the cutoff.
describe.each(['A', 'B', 'C', 'E'] as const)('model %s', (name) => {
  const model = modelOf(name);
  const structure = box([1, 8], name === 'B' ? 80 : 30);
  const [near, far] = [4, 4 + skin].map((reach) => inputsOf(model, structure, reach));
  const cases = (['f64', 'f32'] as const).flatMap((precision) =>
    [true, false].map((tables) => [precision, tables ? 'with tables' : 'without tables', tables] as const),
  );

  it.each(cases)('%s, %s', async (precision, _what, tables) => {
    expect(far!.dims.edges).toBeGreaterThan(1.2 * near!.dims.edges);
    const { graph, plan } = planOf(model, precision, tables);
    expect(nodesOf(graph).some(({ op }) => op === 'table')).toBe(tables);
    for (const definition of [wasm(), reference()] as BackendDefinition[]) {
      const backend = await definition.create();
      const executable = await backend.compile(graph, { precision, parameters: plan.parameters });
      const [plain, skinned] = [await executable.run(near!), await executable.run(far!)];
      await backend.dispose();
      for (const output of Object.keys(plain)) {
        // As a sum with 0 a zero has no sign.
        const [a, b] = [plain, skinned].map((outputs) => Array.from(outputs[output]!, (x) => x + 0));
        expect(Math.max(...a!.map(Math.abs))).toBeGreaterThan(0);
        expect(b).toEqual(a);
      }
    }
  });
});
