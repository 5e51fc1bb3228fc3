/** One small graph per op, as data: used by the tests of the derivative rules. Not part of the public interface. */
import { GraphBuilder, polynomialTable, type Graph, type IndexMap, type Node, type OpName } from '../../ir/index.js';

export interface OpCase {
  readonly op: OpName;
  readonly name: string;
  readonly graph: Graph;
  /** Range of the random inputs. */
  readonly range: readonly [number, number];
}

export const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
export const species: IndexMap = { name: 'species', from: 'atoms', to: 3 };

type Make = (
  build: GraphBuilder,
  input: (name: string, shape: readonly (number | 'atoms' | 'edges' | 'graphs')[]) => Node,
) => Node;

function opCase(op: OpName, name: string, make: Make, range: readonly [number, number] = [-1.5, 1.5]): OpCase {
  const build = new GraphBuilder();
  const y = make(build, (input, shape) => build.input(input, shape));
  return { op, name, range, graph: build.finish(name, { y }) };
}

const positive = [0.4, 2] as const;
const table = polynomialTable(3, [
  {
    out: 0,
    coefficient: 1.5,
    factors: [
      { operand: 0, component: 0 },
      { operand: 0, component: 0 },
      { operand: 1, component: 1 },
    ],
  },
  {
    out: 1,
    coefficient: -0.7,
    factors: [
      { operand: 0, component: 1 },
      { operand: 2, component: 0 },
    ],
  },
  {
    out: 1,
    coefficient: 0.3,
    factors: [
      { operand: 0, component: 0 },
      { operand: 0, component: 1 },
      { operand: 2, component: 1 },
    ],
  },
  { out: 2, coefficient: 2, factors: [] },
  {
    out: 2,
    coefficient: 1.1,
    factors: [
      { operand: 1, component: 0 },
      { operand: 1, component: 0 },
      { operand: 1, component: 0 },
    ],
  },
]);

/** A composite of two inputs and two outputs. */
function composite(): Graph {
  const build = new GraphBuilder();
  const a = build.input('a', ['atoms', 2]);
  const b = build.input('b', ['atoms', 2]);
  const product = build.mul(build.tanh(a), b);
  return build.finish('composite', { product, power: build.mul(product, build.exp(b)) });
}

export const opCases: readonly OpCase[] = [
  opCase('neg', 'neg', (b, i) => b.neg(i('x', ['atoms', 2]))),
  opCase('sqrt', 'sqrt', (b, i) => b.sqrt(i('x', ['atoms', 2])), positive),
  opCase('exp', 'exp', (b, i) => b.exp(i('x', ['atoms', 2]))),
  opCase('log', 'log', (b, i) => b.log(i('x', ['atoms', 2])), positive),
  opCase('sin', 'sin', (b, i) => b.sin(i('x', ['atoms', 2]))),
  opCase('cos', 'cos', (b, i) => b.cos(i('x', ['atoms', 2]))),
  opCase('tanh', 'tanh', (b, i) => b.tanh(i('x', ['atoms', 2]))),
  opCase('add', 'add', (b, i) => b.add(i('x', ['atoms', 2]), i('z', ['atoms', 2]))),
  opCase('sub', 'sub', (b, i) => b.sub(i('x', ['atoms', 2]), i('z', ['atoms', 2]))),
  opCase('mul', 'mul', (b, i) => b.mul(i('x', ['atoms', 2]), i('z', ['atoms', 2]))),
  opCase('mul', 'square', (b, i) => b.mul(i('x', ['atoms', 2]), i('x', ['atoms', 2]))),
  opCase('div', 'div', (b, i) => b.div(i('x', ['atoms', 2]), i('z', ['atoms', 2])), positive),
  opCase('pow', 'pow', (b, i) => b.pow(i('x', ['atoms', 2]), i('z', ['atoms', 2])), positive),
  opCase('max', 'max', (b, i) => b.max(i('x', ['atoms', 2]), b.mul(i('z', ['atoms', 2]), i('z', ['atoms', 2])))),
  opCase('less', 'less', (b, i) =>
    b.select(b.less(i('x', ['atoms']), i('z', ['atoms'])), b.exp(i('x', ['atoms'])), b.sin(i('z', ['atoms']))),
  ),
  opCase('select', 'select', (b, i) =>
    b.select(
      b.less(i('x', ['atoms']), b.fill(0, i('x', ['atoms']))),
      b.mul(i('x', ['atoms']), i('z', ['atoms'])),
      b.exp(i('z', ['atoms'])),
    ),
  ),
  opCase('sum', 'sum inner', (b, i) => b.sum(b.exp(i('x', ['atoms', 2, 3])), [1])),
  opCase('sum', 'sum rows', (b, i) => b.sum(b.exp(i('x', ['atoms', 2])), [0, 1])),
  opCase('reshape', 'reshape', (b, i) => b.exp(b.reshape(i('x', ['atoms', 2, 3]), ['atoms', 6]))),
  opCase('transpose', 'transpose', (b, i) => b.exp(b.transpose(i('x', ['atoms', 2, 3]), [2, 0, 1]))),
  opCase('broadcast', 'broadcast', (b, i) => b.exp(b.broadcast(i('x', [1, 2, 1]), ['atoms', 2, 3]))),
  opCase('slice', 'slice', (b, i) => b.exp(b.slice(i('x', ['atoms', 4]), 1, 1, 3))),
  opCase('pad', 'pad', (b, i) => b.exp(b.pad(i('x', ['atoms', 2]), 1, 1, 2))),
  opCase('concat', 'concat', (b, i) =>
    b.exp(b.concat([i('x', ['atoms', 2]), i('z', ['atoms', 1]), i('x', ['atoms', 2])], 1)),
  ),
  opCase('matmul', 'matmul nn', (b, i) => b.matmul(i('x', ['atoms', 2, 3]), i('w', [3, 4]))),
  opCase('matmul', 'matmul nt', (b, i) => b.matmul(i('x', ['atoms', 2, 3]), i('w', [4, 3]), 'nt')),
  opCase('matmul', 'matmul tn', (b, i) => b.matmul(i('x', ['atoms', 2, 3]), i('z', ['atoms', 2, 4]), 'tn')),
  opCase('matmul', 'matmul nn by group', (b, i) => b.matmul(i('x', ['atoms', 2, 2]), i('w', [3, 2, 4]), 'nn', species)),
  opCase('matmul', 'matmul nt by group', (b, i) => b.matmul(i('x', ['atoms', 2]), i('w', [3, 4, 2]), 'nt', species)),
  opCase('matmul', 'matmul tn by group', (b, i) =>
    b.matmul(i('x', ['atoms', 2, 2]), i('z', ['atoms', 2, 3]), 'tn', species),
  ),
  opCase('gather', 'gather', (b, i) => b.exp(b.gather(i('x', ['atoms', 2]), sender))),
  opCase('segmentSum', 'segmentSum', (b, i) => b.exp(b.segmentSum(i('x', ['edges', 2]), sender))),
  opCase('polynomial', 'polynomial', (b, i) =>
    b.polynomial([i('x', ['atoms', 2, 3]), i('s', ['atoms', 2, 1]), i('w', ['atoms', 2, 3])], table),
  ),
  opCase('call', 'call', (b, i) =>
    b.add(
      b.call('composite', composite(), [i('x', ['atoms', 2]), i('z', ['atoms', 2])], 'product'),
      b.call('composite', composite(), [i('x', ['atoms', 2]), i('z', ['atoms', 2])], 'power'),
    ),
  ),
];
