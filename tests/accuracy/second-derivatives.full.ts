// Hessian-vector products with tables: as derivatives of the graph, which take the exact functions for the second
// derivative, and as differences of forces, which see the cubics themselves.
import { beforeAll, describe, expect, test } from 'vitest';
import { createCalculator, type MaceModel } from '@mace/core';
import { indexMapValues } from '@mace/core/backend';
import { deterministicModel, seededRandom, tinyModels, tinyStructure } from '@mace/core/generators';
import { nodesOf, simplify } from '@mace/core/ir';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { planValues, tableGate } from '@mace/core/planner';
import { buildEdges, makeStructure, type Structure } from '@mace/core/structure';
import { wasm } from '@mace/backend-wasm';
import { universalModel } from '../support/universal-model.js';

/** Largest difference, as a fraction of the largest component. */
const allowed = 1e-4;

const saltCell = [5.64, 0, 0, 0, 5.64, 0, 0, 0, 5.64];
const salt = makeStructure({
  symbols: ['Na', 'Cl', 'Na', 'Cl', 'Na', 'Cl', 'Na', 'Cl'],
  positions: [
    [0.1, 0, 0, 2.82, 0.05, 0, 2.82, 2.82, -0.1, 0, 2.85, 0],
    [2.82, 0, 2.9, 0, 0.1, 2.82, 0.07, 2.82, 2.82, 2.75, 2.82, 2.82],
  ].flat(),
  cell: saltCell,
});

const cases: readonly (readonly [string, MaceModel, Structure])[] = [
  ['B, crystal', deterministicModel(tinyModels.B.config), tinyStructure('crystal')],
  ['C, slab', deterministicModel(tinyModels.C.config), tinyStructure('slab')],
  ['F, molecule', deterministicModel(tinyModels.F.config), tinyStructure('molecule')],
  ['89 elements, NaCl', universalModel(), salt],
];

describe.each(cases)('model %s', (_name, model, structure) => {
  const random = seededRandom(5);
  const vector = Float64Array.from({ length: 3 * structure.numbers.length }, () => 2 * random() - 1);
  let exact: Float64Array;
  beforeAll(async () => void (exact = await exactProduct(model, structure, vector)));

  test('derivatives of the graph with tables', async () => {
    expect(relative(await productWithTables(model, structure, vector), exact)).toBeLessThan(allowed);
  });

  test('differences of forces with tables', async () => {
    const step = 1e-4;
    const moved = [step, -step].map((h) => ({
      ...structure,
      positions: Float64Array.from(structure.positions, (x, k) => x + h * vector[k]!),
    }));
    const calculator = await createCalculator({ model, backend: wasm(), tables: true });
    const [ahead, behind] = await calculator.evaluateAll(moved);
    await calculator.dispose();
    expect([ahead!.tables, behind!.tables]).toEqual([true, true]);
    const found = ahead!.forces!.map((force, k) => -(force - behind!.forces![k]!) / (2 * step));
    expect(relative(found, exact)).toBeLessThan(allowed);
  });
});

async function exactProduct(model: MaceModel, structure: Structure, vector: Float64Array): Promise<Float64Array> {
  const calculator = await createCalculator({ model, backend: wasm() });
  try {
    return await calculator.hessianVector(structure, vector);
  } finally {
    await calculator.dispose();
  }
}

/** Calculators compute second derivatives without tables, so the graph is made by hand. */
async function productWithTables(
  model: MaceModel,
  structure: Structure,
  vector: Float64Array,
): Promise<ArrayLike<number>> {
  const { config, weights } = model;
  const parameters = Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, data]));
  const species = Int32Array.from(structure.numbers, (z) => config.atomicNumbers.indexOf(z));
  const present = [...new Set(species)].sort((a, b) => a - b);
  const plan = planValues(maceGraph(model), parameters, { species: present }, tableGate('f64', config.cutoff));
  const graph = simplify(observablesGraph(plan.graph, ['hessianVector']));
  expect(nodesOf(graph).some(({ op }) => op === 'table')).toBe(true);
  const edges = buildEdges([structure], config.cutoff);
  const { sender, receiver } = edges;
  const edgeTangent = Float64Array.from(
    { length: 3 * edges.edges },
    (_, i) =>
      vector[3 * receiver.values[Math.floor(i / 3)]! + (i % 3)]! -
      vector[3 * sender.values[Math.floor(i / 3)]! + (i % 3)]!,
  );
  const backend = await wasm().create();
  try {
    const executable = await backend.compile(graph, { precision: 'f64', parameters: plan.parameters });
    const { hessianVector } = await executable.run({
      dims: { atoms: edges.atoms, edges: edges.edges, graphs: 1 },
      maps: {
        sender,
        receiver,
        graph: edges.graph,
        species: indexMapValues(species, config.atomicNumbers.length),
        head: indexMapValues(new Int32Array(1), config.heads.length),
      },
      values: { edgeVectors: edges.vectors, edgeTangent },
    });
    return Float64Array.from(hessianVector!);
  } finally {
    await backend.dispose();
  }
}

function relative(found: ArrayLike<number>, exact: ArrayLike<number>): number {
  expect(found.length).toBe(exact.length);
  const size = Math.max(...Array.from(exact, Math.abs));
  const error = Math.max(...Array.from(exact, (x, k) => Math.abs(x - found[k]!)));
  console.log(`relative difference ${(error / size).toExponential(2)} of ${size.toPrecision(3)} eV/Å²`);
  return error / size;
}
