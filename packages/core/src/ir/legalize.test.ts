/** Every op without its lowering, and what legalize says when nothing is left to try. */
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../errors.js';
import { bindMaps } from '../backend/bind.js';
import { Interpreter } from '../reference/interpreter.js';
import {
  GraphBuilder,
  decompositions,
  isPrimitive,
  legalize,
  nodesOf,
  primitiveOps,
  verify,
  type Graph,
  type IndexMap,
  type Node,
  type OpName,
} from './index.js';
import { randomGraph } from '../generators/index.js';

const group: IndexMap = { name: 'group', from: 'atoms', to: 3 };

function evaluate(build: GraphBuilder, value: Node, supports: (node: Node) => boolean): number[] {
  const graph = legalize(build.finish('case', { value }), supports);
  verify(graph);
  expect(
    nodesOf(graph).filter((node) => !['input', 'parameter', 'constant'].includes(node.op) && !supports(node)),
  ).toEqual([]);
  const dims = { atoms: 4, edges: 0, graphs: 1 };
  const maps = {
    group: { values: Int32Array.of(2, 0, 2, 1), offsets: Int32Array.of(0, 1, 2, 4), order: Int32Array.of(1, 3, 0, 2) },
  };
  const values = Object.fromEntries(
    graph.inputs.map(({ attributes, type }, k) => {
      const size = type.shape.reduce<number>((all, dim) => all * (typeof dim === 'number' ? dim : dims[dim]), 1);
      return [attributes.name, Float64Array.from({ length: size }, (_, i) => Math.sin(1 + 3 * i + k))];
    }),
  );
  return [
    ...new Interpreter(graph, 'f64', {}).run({ dims, maps: bindMaps(graph, { dims, maps }), inputs: values })['value']!,
  ];
}

describe('legalize', () => {
  const build = new GraphBuilder();
  const x = build.input('x', ['atoms', 2, 4]);
  const y = build.input('y', ['atoms', 2, 4]);
  const few = build.input('few', [3, 4, 5]);
  const many = build.input('many', [3, 4, 2]);
  const mask = build.less(x, y);
  const one = build.fill(1, build.input('half', ['atoms', 2, 2]));
  const factor = (operand: number, component: number): { operand: number; component: number } => ({
    operand,
    component,
  });
  const table = {
    outputs: 3,
    monomials: [
      { out: 0, coefficient: 2, factors: [] },
      { out: 1, coefficient: -1, factors: [factor(0, 0), factor(0, 0), factor(1, 3)] },
      { out: 1, coefficient: 0.5, factors: [factor(0, 1)] },
      { out: 0, coefficient: 0.25, factors: [factor(1, 2), factor(0, 1)] },
    ],
  };
  const vector = build.input('vector', ['atoms', 5, 1]);
  const all = (node: Node): boolean => node.op !== 'call';
  it.each<[string, Node]>([
    ['neg', build.neg(x)],
    ['sub', build.sub(x, y)],
    ['div', build.div(x, y)],
    ['sqrt', build.sqrt(build.mul(x, x))],
    ['cos', build.cos(build.scale(x, 20))],
    ['tanh', build.tanh(build.scale(x, 500))],
    ['max', build.max(x, y)],
    ['slice of the last axis', build.slice(x, 2, 1, 3)],
    ['slice of an inner axis', build.slice(x, 1, 1, 2)],
    ['slice of a mask', build.select(build.slice(mask, 2, 1, 3), one, build.neg(one))],
    ['pad', build.pad(x, 1, 2, 1)],
    ['concat', build.concat([x, build.slice(y, 1, 0, 1), x], 1)],
    [
      'concat of masks',
      build.select(build.concat([build.slice(mask, 2, 0, 1), build.slice(mask, 2, 3, 4)], 2), one, build.neg(one)),
    ],
    ['matmul nt', build.matmul(x, build.input('m', [3, 4]), 'nt')],
    ['matmul tn', build.matmul(x, y, 'tn')],
    ['matmul tn of vectors', build.matmul(build.input('p', [3]), build.input('q', [2]), 'tn')],
    ['matmul of few groups', build.matmul(x, few, 'nn', group)],
    ['matmul of many groups', build.matmul(x, many, 'nn', group)],
    ['matmul nt of groups', build.matmul(x, build.transpose(few, [0, 2, 1]), 'nt', group)],
    ['matmul tn of groups', build.matmul(x, y, 'tn', group)],
    ['polynomial', build.polynomial([x, build.transpose(build.input('z', ['atoms', 1, 4]), [0, 2, 1])], table)],
    [
      'polynomial with channels',
      build.polynomial(
        [x, build.transpose(build.reshape(y, ['atoms', 4, 2]), [0, 2, 1])].map((each) => build.slice(each, 1, 0, 2)),
        { ...table, monomials: [table.monomials[2]!] },
      ),
    ],
    ['polynomial of mixed channels', build.polynomial([x, vector], table)],
    ['polynomial without monomials', build.polynomial([x, vector], { outputs: 2, monomials: [] })],
  ])('%s', (_name, value) => {
    const expected = evaluate(build, value, all);
    const found = evaluate(build, value, isPrimitive);
    expect(found).toHaveLength(expected.length);
    expected.forEach((number, i) => expect(found[i]).toBeCloseTo(number, 12));
  });

  it('lists as primitive exactly the ops that nothing replaces, and matmul in its plain form', () => {
    const leaves: OpName[] = ['input', 'parameter', 'constant'];
    const ops = new Set<OpName>(leaves);
    for (let seed = 1; seed <= 10; seed++) nodesOf(randomGraph(seed).graph).forEach((node) => ops.add(node.op));
    const without = [...ops].filter((op) => !leaves.includes(op) && (!(op in decompositions) || op === 'matmul'));
    expect(without.sort()).toEqual([...primitiveOps].sort());
  });

  it('uses pad for concat or concat for pad, whichever there is', () => {
    const ops = (graph: Graph): string[] => nodesOf(graph).map((node) => node.op);
    const joined = build.finish('case', { value: build.concat([x, y], 1) });
    expect(ops(legalize(joined, (node) => node.op !== 'concat'))).toEqual(['input', 'pad', 'input', 'pad', 'add']);
    const padded = build.finish('case', { value: build.pad(x, 1, 0, 1) });
    expect(ops(legalize(padded, (node) => node.op !== 'pad'))).toEqual(['input', 'constant', 'broadcast', 'concat']);
    expect(ops(legalize(padded, (node) => node.op !== 'pad' && node.op !== 'concat'))).toEqual([
      'input',
      'transpose',
      'constant',
      'matmul',
      'transpose',
    ]);
  });

  it('leaves supported nodes alone and reports the others', () => {
    const graph = build.finish('case', { value: build.scoped('readout', () => build.exp(build.sub(y, x))) });
    const replaced: string[] = [];
    legalize(
      graph,
      (node) => node.op !== 'sub' && node.op !== 'neg',
      (node) => replaced.push(`${node.op} ${node.scope}`),
    );
    expect(replaced).toEqual(['sub readout']);
  });

  it('puts inlined statements below the scope of the call', () => {
    const inner = new GraphBuilder();
    const a = inner.input('a', [3]);
    const body = inner.finish('body', { value: inner.scoped('gate', () => inner.exp(a)) });
    const graph = build.finish('case', {
      value: build.scoped('readout', () => build.call('silu', body, [build.input('v', [3])])),
    });
    expect(legalize(graph, all).outputs['value']!.scope).toBe('readout/silu/gate');
  });

  it('names an op that nothing replaces, and why it was needed', () => {
    const graph = (value: Node): Graph => build.finish('case', { value });
    expect(() =>
      legalize(graph(build.scoped('radial', () => build.exp(build.neg(x)))), (node) => node.op !== 'exp'),
    ).toThrow(/^exp in radial: .*real\[atoms 2 4\]/);
    expect(() =>
      legalize(graph(build.scoped('radial', () => build.sqrt(y))), (node) => node.op !== 'sqrt' && node.op !== 'pow'),
    ).toThrow(/^pow in radial: .*in place of sqrt/);
    expect(() =>
      legalize(graph(build.scoped('mix', () => build.matmul(x, build.input('m4', [4, 4])))), () => false),
    ).toThrow(UnsupportedError);
    expect(() =>
      legalize(graph(build.pad(x, 1, 1, 1)), (node) => !['pad', 'concat', 'matmul'].includes(node.op)),
    ).toThrow(/^matmul in .*in place of pad/);
  });
});
