/** Graphs broken by hand: verify names the statement, its op and scope, and what is wrong. */
import { describe, expect, it } from 'vitest';
import { GraphError } from '../errors.js';
import { GraphBuilder, graphFrom, nodesOf, verify, type Graph, type IndexMap, type Node } from './index.js';
import { randomGraph, seededRandom } from '../generators/index.js';

const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };

/** The graph with one node changed and its users pointing to the changed one, by hand. */
function withChanged(graph: Graph, target: Node, change: object | ((operands: readonly Node[]) => object)): Graph {
  const made = new Map<Node, Node>();
  for (const node of nodesOf(graph)) {
    const operands = (node.operands as readonly Node[]).map((operand) => made.get(operand)!);
    made.set(node, {
      ...node,
      operands,
      ...(node !== target ? {} : typeof change === 'function' ? change(operands) : change),
    } as Node);
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, made.get(node)!]));
  return graphFrom(
    graph.name,
    outputs,
    graph.inputs.map((input) => (made.get(input) ?? input) as typeof input),
  );
}

function message(graph: Graph): string {
  try {
    verify(graph);
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
    return (error as GraphError).message;
  }
  return '';
}

function small(): { graph: Graph; build: GraphBuilder; x: Node; sum: Node; product: Node } {
  const build = new GraphBuilder();
  const x = build.input('x', ['edges', 3]);
  const product = build.scoped('geometry', () => build.mul(x, x));
  const sum = build.scoped('pooling', () => build.segmentSum(product, receiver));
  return { graph: build.finish('small', { sum }), build, x, sum, product };
}

describe('verify', () => {
  it('accepts what the builder makes', () => {
    expect(message(small().graph)).toBe('');
  });

  it('names the statement whose type was changed', () => {
    const { graph, product } = small();
    const text = message(withChanged(graph, product, { type: { kind: 'real', shape: ['edges', 4] } }));
    expect(text).toContain('mul in geometry: expected real[edges 3], found real[edges 4]');
    expect(text).toContain(`%${product.id} = mul x x  real[edges 4]`);
    expect(text).toContain('Rebuild the node');
  });

  it('names the statement whose operands were changed', () => {
    const { graph, product } = small();
    expect(
      message(withChanged(graph, product, (operands: readonly Node[]) => ({ operands: operands.slice(1) }))),
    ).toContain('mul in geometry: expected 2 operands, got 1');
  });

  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('finds any changed type in random graph %i', (seed) => {
    const { graph } = randomGraph(seed);
    const random = seededRandom(seed);
    const typedByOperands = nodesOf(graph).filter(
      (node) => node.operands.length > 0 && node.op !== 'reshape' && node.op !== 'broadcast',
    );
    for (let i = 0; i < 20; i++) {
      const node = typedByOperands[Math.floor(random() * typedByOperands.length)]!;
      const { kind, shape } = node.type;
      const type =
        random() < 0.3
          ? { kind: kind === 'real' ? 'mask' : 'real', shape }
          : { kind, shape: random() < 0.5 ? [...shape, 1] : [7, ...shape.slice(1)] };
      const text = message(withChanged(graph, node, { type }));
      expect(text).toContain(`${node.op} in ${node.scope || 'the graph'}: `);
      expect(text).toContain(`%${node.id} = ${node.op} `);
    }
  });

  it('finds nodes that depend on themselves', () => {
    const { graph, product, sum } = small();
    const first = { ...product } as { operands: readonly Node[] } & Node;
    const loop = { ...sum, op: 'neg', attributes: {}, operands: [first], type: product.type } as unknown as Node;
    (first as { operands: readonly Node[] }).operands = [loop, loop];
    expect(message({ ...graph, outputs: { sum: loop } })).toContain('it depends on itself');
  });

  it('finds names that stand for two nodes', () => {
    const build = new GraphBuilder();
    const sum = build.add(build.sum(build.input('x', [3]), [0]), build.sum(build.parameter('x', [4]), [0]));
    expect(message(build.finish('twice', { sum }))).toContain('the name x stands for two nodes');
  });

  it('finds leaves and maps that the graph does not list', () => {
    const { graph } = small();
    expect(message({ ...graph, inputs: [] })).toContain('not among the inputs that the graph lists');
    expect(message({ ...graph, maps: [] })).toContain('segmentSum in pooling: map receiver is not among the maps');
  });

  it('finds two maps of one name', () => {
    const { build, x, sum } = small();
    const other: IndexMap = { name: 'receiver', from: 'edges', to: 'graphs' };
    const second = build.scoped('other', () => build.segmentSum(x, other));
    expect(message(build.finish('maps', { sum, second }))).toContain(
      'segmentSum in other: two maps are called receiver',
    );
  });

  it.each<[IndexMap, string]>([
    [
      { name: 'd', from: 'edges', to: 9, derivation: { kind: 'pair', first: receiver, second: receiver } },
      'a pair needs two fixed targets',
    ],
    [
      { name: 'd', from: 'edges', to: 'atoms', derivation: { kind: 'compose', first: receiver, second: receiver } },
      'receiver ends at atoms, receiver starts at edges',
    ],
    [{ name: 'd', from: 'edges', to: 2, derivation: { kind: 'select', first: receiver, keep: [0, 0] } }, 'repeat'],
    [
      { name: 'd', from: 'edges', to: 3, derivation: { kind: 'select', first: receiver, keep: [0, 1] } },
      'expected 2 targets, found 3',
    ],
  ])('finds a derivation that does not fit: %j', (map, problem) => {
    const build = new GraphBuilder();
    expect(message(build.finish('derived', { y: build.segmentSum(build.input('x', ['edges', 3]), map) }))).toContain(
      problem,
    );
  });

  it('finds constants and coefficients that are not finite', () => {
    const build = new GraphBuilder();
    expect(message(build.finish('c', { y: build.constant([1, Infinity], [2]) }))).toContain('value 1 is Infinity');
    const y = build.polynomial([build.input('x', ['atoms', 1, 1])], {
      outputs: 1,
      monomials: [{ out: 0, coefficient: NaN, factors: [] }],
    });
    expect(message(build.finish('p', { y }))).toContain('a coefficient of component 0 is NaN');
  });

  it('finds a body that is ill-typed, and says where it is', () => {
    const { graph } = small();
    const broken = withChanged(graph, nodesOf(graph).find((node) => node.op === 'mul')!, {
      type: { kind: 'real', shape: ['edges', 4] },
    });
    const build = new GraphBuilder();
    const y = build.call('pool', { ...broken, outputs: { sum: { ...broken.outputs['sum']! } } }, [
      build.input('x', ['edges', 3]),
    ]);
    expect(message(build.finish('outer', { y }))).toContain('(graph outer/small)');
  });

  it('finds parameters in the body of a call, which no caller would supply', () => {
    const inner = new GraphBuilder();
    const body = inner.finish('scale', { y: inner.mul(inner.input('x', [3]), inner.parameter('w', [3])) });
    const build = new GraphBuilder();
    expect(message(build.finish('outer', { y: build.call('scale', body, [build.input('x', [3])]) }))).toContain(
      'has parameters of its own: w',
    );
  });

  it('finds a table whose body takes something else', () => {
    const inner = new GraphBuilder();
    const r = inner.input('r', ['edges']);
    const body = inner.finish('radial', { y: inner.reshape(inner.mul(r, inner.input('s', ['edges'])), ['edges', 1]) });
    const build = new GraphBuilder();
    const pieces = build.parameter('pieces', [4, 2, 1]);
    const groups = [{ start: 0, intervals: 4, range: [0, 1] }] as const;
    const y = build.table(build.input('r', ['edges']), pieces, { body, order: 0, cutoff: 1, groups });
    expect(message(build.finish('tabled', { y }))).toContain('must take one input, the distances real[edges]');
  });

  it('finds graphs without outputs', () => {
    expect(message({ ...small().graph, outputs: {} })).toContain('it has no outputs');
  });
});
