/** Only what ends at the cutoff becomes a table. */
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { GraphBuilder, nodesOf, type Graph, type Node } from '../ir/index.js';
import { maceGraph, type MaceConfig } from '../model/index.js';
import { planValues } from './plan-values.js';
import { isZeroBeyond } from './zero-beyond.js';

/** A function of distance that is made of something that ends at `end`. */
function ofEnding(make: (build: GraphBuilder, ending: Node, r: Node) => Node, end = 4): Graph {
  const build = new GraphBuilder();
  const r = build.input('distance', ['edges']);
  const ending = build.select(build.less(r, build.fill(end, r)), build.exp(r), build.fill(0, r));
  return build.finish('radial', { value: make(build, ending, r) });
}

describe('a function of distance', () => {
  const network = (build: GraphBuilder, x: Node): Node => {
    const wide = build.matmul(build.reshape(x, ['edges', 1]), build.parameter('weights', [1, 3]));
    return build.mul(wide, build.tanh(wide));
  };

  test('that nothing is added to ends where its factor does', () => {
    expect(isZeroBeyond(ofEnding(network), 4)).toBe(true);
    expect(isZeroBeyond(ofEnding(network), 4.5)).toBe(true);
    expect(isZeroBeyond(ofEnding(network), 3.999)).toBe(false);
  });

  test('with a bias, of something else too, or that begins there, does not end', () => {
    expect(
      isZeroBeyond(
        ofEnding((build, x) => build.shift(network(build, x), 0.1)),
        4,
      ),
    ).toBe(false);
    expect(
      isZeroBeyond(
        ofEnding((build, x, r) => build.add(x, r)),
        4,
      ),
    ).toBe(false);
    expect(
      isZeroBeyond(
        ofEnding((build, _x, r) => build.select(build.less(r, build.fill(4, r)), build.fill(0, r), r)),
        4,
      ),
    ).toBe(false);
  });

  test('that ends when something else is large does not', () => {
    expect(
      isZeroBeyond(
        ofEnding((build, _x, r) => build.select(build.less(build.exp(r), build.fill(4, r)), r, build.fill(0, r))),
        4,
      ),
    ).toBe(false);
  });
});

test('networks with biases become tables only where the cutoff multiplies what comes out of them', () => {
  const tablesOf = (config: MaceConfig): number => {
    const model = deterministicModel(config);
    const weights = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
    const gate = { range: [0.4, config.cutoff], valueError: 1e-2, slopeError: 1 } as const;
    const { graph, tables } = planValues(maceGraph(model), weights, { species: [0] }, gate);
    expect(nodesOf(graph).some(({ op }) => op === 'table')).toBe(tables.length > 0);
    return tables.length;
  };
  const { config } = tinyModels.D;
  expect(tablesOf(config)).toBeGreaterThan(0);
  expect(tablesOf({ ...config, applyCutoff: true })).toBe(0);
});
