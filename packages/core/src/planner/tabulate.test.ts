/** What a pair of elements gets of a table does not depend on which others there are. */
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels, type TinyModelName } from '@mace/core/generators';
import { nodesOf, type NodeOf } from '../ir/index.js';
import { maceGraph } from '../model/index.js';
import { planValues, type ValuePlan } from './plan-values.js';
import type { TableGate } from './table-gate.js';

const gate = { range: [0.4, 4], valueError: 1e-6, slopeError: 1e-4 } as const;

function planOf(name: TinyModelName, species: readonly number[], own: TableGate = gate): ValuePlan {
  const model = deterministicModel(tinyModels[name].config);
  const weights = Object.fromEntries(Object.entries(model.weights).map(([key, { data }]) => [key, data]));
  return planValues(maceGraph(model), weights, { species }, own);
}

/** Intervals, range and pieces of each pair of elements of each table, by the numbers of the elements in the model. */
function byPair({ graph, parameters }: ValuePlan, species: readonly number[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const tables = nodesOf(graph).filter((node): node is NodeOf<'table'> => node.op === 'table');
  for (const [t, { attributes, operands }] of tables.entries()) {
    const { groups } = attributes;
    const [, terms, functions] = operands[1].type.shape as readonly number[];
    const data = operands[1].op === 'parameter' ? parameters[operands[1].attributes.name]! : [];
    groups.forEach(({ start, intervals, range }, group) => {
      const elements =
        groups.length === species.length
          ? [species[group]]
          : [species[Math.floor(group / species.length)], species[group % species.length]];
      const pieces = [...data.slice(start * terms! * functions!, (start + intervals) * terms! * functions!)];
      found.set(`table ${t} of ${groups.length === 1 ? 'all' : elements.join()}`, { intervals, range, pieces });
    });
  }
  return found;
}

describe.each(['A', 'B', 'C', 'F'] as const)('model %s', (name) => {
  test('pairs of two elements have what they have among three', () => {
    const [few, all] = [
      [0, 2],
      [0, 1, 2],
    ].map((species) => byPair(planOf(name, species), species)) as [Map<string, unknown>, Map<string, unknown>];
    expect(few.size).toBeGreaterThan(1);
    expect(all.size).toBeGreaterThan(few.size);
    for (const [pair, own] of few) expect(all.get(pair), pair).toEqual(own);
  });
});

test('pairs differ in their intervals where their functions do', () => {
  const { graph } = planOf('C', [0, 1, 2]);
  const intervals = nodesOf(graph).flatMap((node) =>
    node.op === 'table' ? node.attributes.groups.map((group) => group.intervals) : [],
  );
  expect(new Set(intervals).size).toBeGreaterThan(1);
});

test('pairs whose functions are the same share their pieces', () => {
  const { graph } = planOf('C', [0, 1, 2]);
  const shared = nodesOf(graph).some(
    (node) => node.op === 'table' && new Set(node.attributes.groups.map(({ start }) => start)).size === 6,
  );
  expect(shared).toBe(true);
});

test('where tables would be too large, or a pair needs too many intervals, there are none, and the plan says why', () => {
  const alone = planOf('C', [0], { ...gate, mostValues: 50_000 });
  expect(alone.refusal).toBeNull();
  expect(alone.tables.length).toBeGreaterThan(0);
  for (const own of [{ mostValues: 50_000 }, { mostIntervals: 16 }]) {
    const plan = planOf('C', [0, 1, 2], { ...gate, ...own });
    expect(plan.refusal).toMatch('mostValues' in own ? /too large/ : /too many intervals/);
    expect(plan.tables).toEqual([]);
    expect(nodesOf(plan.graph).some(({ op }) => op === 'table')).toBe(false);
  }
});
