/** The value passes against the unplanned graph in float64, each alone and absorption on top of tables. */
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels, tinyStructure, type TinyModelName } from '@mace/core/generators';
import { fixedNodes, legalize, nodesOf, simplify, verify, type Graph } from '../ir/index.js';
import { maceGraph, observablesGraph, type MaceModel } from '../model/index.js';
import { reference } from '../reference/index.js';
import { makeBatch } from '../calculator/batch.js';
import { absorb } from './absorb.js';
import { foldParameters, type Parameters } from './fold.js';
import { liftRows } from './lift-rows.js';
import { planValues } from './plan-values.js';
import { scaleMatrices } from './scale-matrices.js';
import { specializeRows } from './specialize.js';
import { tabulate } from './tabulate.js';

const names = Object.keys(tinyModels) as TinyModelName[];

async function run(model: MaceModel, graph: Graph, parameters: Parameters): Promise<Record<string, Float64Array>> {
  const backend = await reference().create();
  try {
    const observables = simplify(observablesGraph(graph, ['atomEnergy', 'forces', 'atomVirial']));
    verify(observables);
    const executable = await backend.compile(observables, { precision: 'f64', parameters });
    const head = model.config.heads.at(-1)!;
    return (await executable.run(
      (
        await makeBatch(model.config, [tinyStructure('crystal')], { head })
      ).inputs,
    )) as Record<string, Float64Array>;
  } finally {
    await backend.dispose();
  }
}

/** Largest difference of outputs, as a fraction of the largest value of each. */
function difference(a: Record<string, Float64Array>, b: Record<string, Float64Array>): number {
  return Math.max(
    ...Object.entries(a).map(([name, values]) => {
      const size = Math.max(...values.map(Math.abs));
      return Math.max(...values.map((value, i) => Math.abs(value - b[name]![i]!))) / size;
    }),
  );
}

function parametersOf(model: MaceModel): Parameters {
  return Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
}

describe.each(names)('model %s', (name) => {
  const model = deterministicModel(tinyModels[name].config);
  const parameters = parametersOf(model);
  const unplanned = maceGraph(model);
  const gate = { range: [0.4, model.config.cutoff], valueError: 1e-4, slopeError: 1e-2 } as const;

  test('lifted rows, scaled matrices and both specialised agree', async () => {
    const exact = await run(model, unplanned, parameters);
    const scaled = (graph: Graph): Graph => {
      const fixed = fixedNodes(nodesOf(graph));
      return scaleMatrices(graph, (node) => fixed.has(node));
    };
    // The crystal has all elements of the model, in an order of its own.
    const rows = { species: [2, 0, 1] };
    for (const pass of [
      liftRows,
      scaled,
      (graph: Graph) => scaled(simplify(liftRows(simplify(specializeRows(graph, rows))))),
    ])
      expect(difference(exact, await run(model, pass(simplify(unplanned)), parameters))).toBeLessThan(1e-12);
  });

  test('absorption changes nothing but the work, in pieces and in exact bodies', async () => {
    const planned = planValues(unplanned, parameters);
    const tabulation = tabulate(planned.graph, planned.parameters, gate);
    if (typeof tabulation === 'string') throw new Error(tabulation);
    const pieces = tabulation.withPieces(planned.parameters);
    const folding = foldParameters(simplify(absorb(tabulation.graph)));
    const [before, after] = [tabulation.graph, simplify(folding.graph)];
    expect(difference(await run(model, before, pieces), await run(model, after, folding.fold(pieces)))).toBeLessThan(
      1e-12,
    );
    const exactBodies = legalize(after, ({ op }) => op !== 'table');
    expect(
      difference(await run(model, unplanned, parameters), await run(model, exactBodies, folding.fold(pieces))),
    ).toBeLessThan(1e-12);
  });
});

describe('first layer', () => {
  const gate = { range: [0.4, 4], valueError: 1e-4, slopeError: 1e-2 } as const;
  const planOf = (name: TinyModelName): Graph => {
    const model = deterministicModel(tinyModels[name].config);
    return planValues(maceGraph(model), parametersOf(model), { species: [0, 2] }, gate).graph;
  };
  const firstSum = (graph: Graph) =>
    nodesOf(graph).find((node) => node.op === 'segmentSum' && node.type.shape.length === 3)!;
  const groupsOf = (graph: Graph): number[] =>
    nodesOf(graph).flatMap((node) => (node.op === 'table' ? [node.attributes.groups.length] : []));

  test.each([
    ['A', 'reads the element of the sender', 2],
    ['B', 'reads those of both atoms, whose matrices follow the sum', 4],
  ] as const)('%s: the table %s, and no matrix follows the sum', (name, _what, groups) => {
    const graph = planOf(name);
    const message = firstSum(graph).operands[0]!;
    expect(message.op === 'polynomial' && message.operands.length).toBe(2);
    expect(groupsOf(graph)[0]).toBe(groups);
    const users = nodesOf(graph).filter(({ operands }) => (operands as readonly unknown[]).includes(firstSum(graph)));
    expect(users.map(({ op }) => op)).not.toContain('matmul');
    expect(users.map(({ op }) => op)).not.toContain('slice');
  });

  test('nothing of a later layer is absorbed: its features are no function of the element', () => {
    const graph = planOf('B');
    expect(groupsOf(graph)[1]).toBe(1);
  });
});
