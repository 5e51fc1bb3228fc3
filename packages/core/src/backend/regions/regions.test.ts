// Which regions are formed: of energy and forces, and of the gradient that trains on forces.
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels } from '../../generators/index.js';
import { GraphBuilder } from '../../ir/builder.js';
import { simplify } from '../../ir/simplify.js';
import { nodesOf } from '../../ir/traverse.js';
import type { Graph, IndexMap, Node } from '../../ir/types.js';
import { maceGraph, observablesGraph, parameterGradientGraph, parameterShapes } from '../../model/index.js';
import { edgeRegion } from './edge-region.js';
import { formEdgeRegions } from './form-edge-regions.js';

const model = deterministicModel(tinyModels.B.config);

/** What stands for each region: the derivatives that it computes. */
function regionsOf(graph: Graph): string[] {
  const bodies = new Set(nodesOf(graph).flatMap((node) => (node.op === 'call' ? [node.attributes.body] : [])));
  return [...bodies]
    .flatMap((body) => edgeRegion(body) ?? [])
    .map(({ outputs }) => Object.values(outputs).sort().join(' '));
}

/** Arrays of rows per edge, components and channels that are made of atoms' rows, outside of regions. */
function messagesOf(graph: Graph): string[] {
  return nodesOf(graph)
    .filter(
      ({ op, type: { shape } }) =>
        ['gather', 'polynomial'].includes(op) && shape[0] === 'edges' && Number(shape[2]) > 1,
    )
    .map(({ op, type: { shape } }) => `${op} ${shape.join(' ')}`);
}

describe('edge regions', () => {
  test('of energy and forces: each convolution and its reverse', () => {
    const graph = formEdgeRegions(simplify(observablesGraph(maceGraph(model), ['atomEnergy', 'forces'])));
    expect(messagesOf(graph)).toEqual([]);
    expect(regionsOf(graph).sort()).toEqual(['result', 'result', 'scalars weights', 'scalars weights x'].sort());
  });

  test('of the gradient of a loss on forces: no message is an array', () => {
    const names = parameterShapes(model.config).map(({ name }) => name);
    const graph = simplify(parameterGradientGraph(maceGraph(model), names));
    expect(messagesOf(graph).length).toBeGreaterThan(0);
    const formed = formEdgeRegions(graph);
    expect(messagesOf(formed)).toEqual([]);
    expect(regionsOf(formed).filter((outputs) => outputs === 'weights x').length).toBeGreaterThan(4);
  });

  test('parts that share a cotangent and are derivatives of different forms stay apart', () => {
    const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
    const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
    const build = new GraphBuilder();
    const cotangent = build.gather(build.input('cotangent', ['atoms', 1, 4]), receiver);
    const x = build.gather(build.input('x', ['atoms', 1, 4]), sender);
    const weights = build.input('weights', ['edges', 1, 4]);
    const [one, other] = ['one', 'other'].map((name) => build.input(name, ['edges', 1, 1]));
    const factors = [0, 1, 2].map((operand) => ({ operand, component: 0 }));
    const product = { outputs: 1, monomials: [{ out: 0, coefficient: 1, factors }] };
    const graph = (scalars: Node): Graph =>
      build.finish('parts', {
        scalars: build.sum(build.polynomial([x, weights, cotangent], product), [2]),
        weights: build.polynomial([x, one!, cotangent], product),
        rows: build.segmentSum(build.polynomial([scalars, weights, cotangent], product), sender),
      });
    expect(regionsOf(formEdgeRegions(graph(one!)))).toEqual(['scalars weights x']);
    expect(regionsOf(formEdgeRegions(graph(other!))).sort()).toEqual(['scalars weights', 'result'].sort());
  });
});
