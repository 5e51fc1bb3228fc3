// Arithmetic counted by hand on small graphs, and by the shapes of a convolution.
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels } from '../generators/index.js';
import { GraphBuilder } from '../ir/builder.js';
import { simplify } from '../ir/simplify.js';
import { nodesOf } from '../ir/traverse.js';
import { maceGraph, observablesGraph } from '../model/index.js';
import { countOf, multiplyAddsOf } from './costs.js';
import { edgeRegion } from './regions/edge-region.js';
import { formEdgeRegions } from './regions/form-edge-regions.js';

const dims = { atoms: 5, edges: 7, graphs: 2 };

describe('multiplyAddsOf', () => {
  test('products with matrices of every form', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['edges', 3, 4]);
    const y = build.input('y', ['edges', 3, 6]);
    const wide = build.input('w', [4, 6]);
    const count = (node: Parameters<typeof multiplyAddsOf>[0]): number => countOf(multiplyAddsOf(node), dims);
    expect(count(build.matmul(x, wide, 'nn'))).toBe(7 * 3 * 4 * 6);
    expect(count(build.matmul(y, wide, 'nt'))).toBe(7 * 3 * 6 * 4);
    expect(count(build.matmul(x, y, 'tn'))).toBe(7 * 3 * 4 * 6);
    expect(count(build.add(x, x))).toBe(0);
  });

  test('a polynomial costs one a monomial, row and channel', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['atoms', 2, 8]);
    const factors = [0, 1].map((component) => ({ operand: 0, component }));
    const table = { outputs: 2, monomials: [0, 1].map((out) => ({ out, coefficient: 2, factors })) };
    expect(countOf(multiplyAddsOf(build.polynomial([x], table)), dims)).toBe(2 * 5 * 8);
  });

  test('the reverse of a convolution costs more than the convolution', () => {
    const model = deterministicModel(tinyModels.B.config);
    const graph = formEdgeRegions(simplify(observablesGraph(maceGraph(model), ['atomEnergy', 'forces'])));
    const calls = nodesOf(graph).filter((node) => node.op === 'call' && edgeRegion(node.attributes.body));
    const counts = new Map(
      calls.map((node) => [node.op === 'call' && node.attributes.body, countOf(multiplyAddsOf(node), dims)]),
    );
    const [one, two, three, four] = [...counts.values()].sort((a, b) => a - b);
    expect(counts.size).toBe(4);
    expect(one).toBeGreaterThan(0);
    expect(four! / two!).toBeGreaterThan(1.5);
    expect(three! % (7 * 2)).toBe(0);
  });
});
