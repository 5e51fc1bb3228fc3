/** Small graphs of leaves and pointwise ops. Where a mask switches, both branches agree, or inputs never come near. */
import type { GraphBuilder, Node } from '../../ir/index.js';
import { opGraph, positive, type OpGraph } from './make.js';

const shape = ['atoms', 2] as const;

export const pointwiseGraphs: readonly OpGraph[] = [
  opGraph('input', 'input-alone', (_b, i) => i('x', shape)),
  opGraph('parameter', 'parameter-alone', (_b, _i, p) => p('w', [2, 3])),
  opGraph('parameter', 'parameter-computed', (b, _i, p) => b.exp(b.transpose(p('w', [2, 3]), [1, 0]))),
  opGraph('parameter', 'parameter-in-every-row', (b, i, p) => b.mul(i('x', shape), b.broadcast(p('w', [1, 2]), shape))),
  opGraph('constant', 'constant-alone', (b) => b.constant([0.5, -2, 1e-3, 3], [2, 2])),
  opGraph('constant', 'constant-in-every-row', (b, i) =>
    b.mul(i('x', shape), b.broadcast(b.constant([0.7, -1.3], [1, 2]), shape)),
  ),
  opGraph('neg', 'neg', (b, i) => b.neg(i('x', shape))),
  opGraph('sqrt', 'sqrt', (b, i) => b.sqrt(i('x', shape)), positive),
  opGraph('exp', 'exp', (b, i) => b.exp(i('x', shape))),
  opGraph('log', 'log', (b, i) => b.log(i('x', shape)), positive),
  opGraph('sin', 'sin', (b, i) => b.sin(i('x', shape))),
  opGraph('sin', 'sin-of-many-periods', (b, i) => b.sin(i('x', shape)), [-30, 30]),
  opGraph('cos', 'cos', (b, i) => b.cos(i('x', shape))),
  opGraph('cos', 'cos-of-many-periods', (b, i) => b.cos(i('x', shape)), [-30, 30]),
  opGraph('tanh', 'tanh', (b, i) => b.tanh(i('x', shape))),
  // exp(2x) overflows here; tanh is ±1.
  opGraph('tanh', 'tanh-saturated', (b, i) => b.tanh(i('x', shape)), [-800, 800]),
  opGraph('add', 'add', (b, i) => b.add(i('x', shape), i('z', shape))),
  opGraph('add', 'add-of-fixed-shape', (b, i) => b.add(i('x', [3, 2]), i('z', [3, 2]))),
  opGraph('sub', 'sub', (b, i) => b.sub(i('x', shape), i('z', shape))),
  opGraph('mul', 'mul', (b, i) => b.mul(i('x', shape), i('z', shape))),
  opGraph('mul', 'mul-square', (b, i) => b.mul(i('x', shape), i('x', shape))),
  opGraph('div', 'div', (b, i) => b.div(i('x', shape), i('z', shape)), positive),
  opGraph('pow', 'pow', (b, i) => b.pow(i('x', shape), i('z', shape)), positive),
  ...[
    [2, 'square'],
    [3, 'cube'],
    [-2, 'inverse-square'],
  ].map(([exponent, name]) =>
    opGraph('pow', `pow-${name}-of-negative`, (b, i) => power(b, i('x', shape), exponent as number), [-2, -0.4]),
  ),
  opGraph('pow', 'pow-zero', (b, i) => power(b, i('x', shape), 0)),
  opGraph('pow', 'pow-half', (b, i) => power(b, i('x', shape), 0.5), positive),
  opGraph('max', 'max', (b, i) => b.max(...neverEqual(b, i('x', shape), i('z', shape)))),
  opGraph('less', 'less', (b, i) => {
    const [x, z] = [i('x', shape), i('z', shape)];
    return b.select(b.less(x, z), b.exp(x), b.exp(z));
  }),
  opGraph('less', 'less-far-apart', (b, i) => {
    const [x, z] = [i('x', shape), i('z', shape)];
    return b.select(b.less(...neverEqual(b, x, z)), b.exp(x), b.sin(z));
  }),
  opGraph('less', 'less-of-equal', (b, i) =>
    b.select(b.less(i('x', shape), i('x', shape)), i('z', shape), i('x', shape)),
  ),
  opGraph('select', 'select', (b, i) => {
    const [x, z] = [i('x', shape), i('z', shape)];
    return b.select(b.less(x, b.fill(0, x)), b.mul(x, z), b.mul(x, b.exp(z)));
  }),
  opGraph('select', 'select-of-select', (b, i) => {
    const [x, z, w] = [i('x', shape), i('z', shape), i('w', shape)];
    const smaller = b.select(b.less(x, z), x, z);
    return b.select(b.less(smaller, w), smaller, w);
  }),
];

function power(b: GraphBuilder, x: Node, exponent: number): Node {
  return b.pow(x, b.fill(exponent, x));
}

/** x and a value that is above it in the first column and below it in the second, by at least 0.2. */
function neverEqual(b: GraphBuilder, x: Node, z: Node): [Node, Node] {
  const sides = b.broadcast(b.constant([1, -1], [1, 2]), x.type.shape);
  return [x, b.add(x, b.mul(sides, b.exp(z)))];
}
