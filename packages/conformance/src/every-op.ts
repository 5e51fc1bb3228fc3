/** One graph with an output for every op, on rows of two numbers. */
import { exactTable } from '@mace/core/generators';
import { GraphBuilder, polynomialTable, type Graph, type IndexMap } from '@mace/core/ir';
import { once, type Example } from './case.js';

const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
const species: IndexMap = { name: 'species', from: 'atoms', to: 3 };
const graphOf: IndexMap = { name: 'graph', from: 'atoms', to: 'graphs' };

/** The graph, and its one parameter. Inputs `x`, `z` [atoms 2], `one` [atoms 1], `row` [1 2], `e` [edges 2], `g` [graphs 2]. */
export const everyOp = once((): Example => ({ graph: graphOfEveryOp(), parameters: everyOpParameters(1) }));

export function everyOpParameters(scale: number): { weights: Float64Array } {
  return { weights: weights(12).map((w) => scale * w) };
}

function graphOfEveryOp(): Graph {
  const build = new GraphBuilder();
  const [x, z, e] = [build.input('x', ['atoms', 2]), build.input('z', ['atoms', 2]), build.input('e', ['edges', 2])];
  const [one, row] = [build.input('one', ['atoms', 1]), build.input('row', [1, 2])];
  const g = build.input('g', ['graphs', 2]);
  const matrices = build.parameter('weights', [3, 2, 2]);
  const matrix = build.constant([0.3, -0.8, 0.7, 0.4], [2, 2]);
  // Between 0.2 and 1.8, where roots, logarithms, quotients and powers are of ordinary size.
  const [p, q] = [x, z].map((y) => build.shift(build.scale(y, 0.8), 1)) as [typeof x, typeof z];
  const cubic = polynomialTable(2, [
    { out: 0, coefficient: 0.7, factors: [{ operand: 0, component: 0 }] },
    { out: 1, coefficient: -1.3, factors: [0, 1, 1].map((component, i) => ({ operand: i % 2, component })) },
  ]);
  const channels = [x, z].map((y) => build.reshape(y, ['atoms', 2, 1]));
  const tabulated = exactTable([...weights(8)], { functions: 2, terms: 4, range: [0.1, 2], intervals: 5 });
  const distance = build.sum(build.scale(build.shift(e, 1.2), 0.4), [1]);
  return build.finish('every-op', {
    neg: build.neg(x),
    sqrt: build.sqrt(p),
    exp: build.exp(x),
    log: build.log(p),
    sin: build.sin(x),
    cos: build.cos(x),
    tanh: build.tanh(x),
    add: build.add(x, z),
    sub: build.sub(x, z),
    mul: build.mul(x, z),
    div: build.div(x, q),
    pow: build.pow(p, z),
    max: build.max(x, z),
    select: build.select(build.less(x, z), x, build.sin(z)),
    sum: build.sum(x, [1]),
    total: build.sum(x, [0]),
    reshape: build.reshape(x, ['atoms', 1, 2]),
    transpose: build.transpose(x, [1, 0]),
    transposeInner: build.transpose(build.reshape(x, ['atoms', 1, 2]), [0, 2, 1]),
    broadcast: build.broadcast(one, ['atoms', 2]),
    broadcastRows: build.broadcast(row, ['atoms', 2]),
    slice: build.slice(x, 1, 1, 2),
    pad: build.pad(x, 1, 1, 1),
    concat: build.concat([x, one], 1),
    matmul: build.matmul(x, matrix),
    matmulNt: build.matmul(x, matrix, 'nt'),
    matmulTn: build.matmul(x, z, 'tn'),
    matmulByGroup: build.matmul(x, matrices, 'nn', species),
    matmulNtByGroup: build.matmul(x, matrices, 'nt', species),
    matmulTnByGroup: build.matmul(x, z, 'tn', species),
    gather: build.gather(x, sender),
    segmentSum: build.segmentSum(e, sender),
    segmentSumByElement: build.segmentSum(x, species),
    gatherOfGraph: build.gather(g, graphOf),
    segmentSumByGraph: build.segmentSum(x, graphOf),
    ofGraphs: build.tanh(build.sum(g, [1])),
    polynomial: build.polynomial(channels, cubic),
    table: build.table(distance, build.constant(tabulated.pieces, tabulated.shape), {
      body: tabulated.body,
      slope: tabulated.slope,
      order: 0,
      ...tabulated.attributes,
    }),
  });
}

function weights(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(1 + 2.3 * i));
}
