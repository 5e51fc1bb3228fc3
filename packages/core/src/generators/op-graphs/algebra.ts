/** Small graphs of the ops with structure inside: matrix products, polynomials, tables, composites. */
import {
  GraphBuilder,
  polynomialTable,
  type Factor,
  type Graph,
  type IndexMap,
  type Monomial,
} from '../../ir/index.js';
import { exactTable } from '../exact-table.js';
import { kept, pair, sender, senderSpecies, species } from '../index-maps.js';
import { opGraph, waves, type OpGraph } from './make.js';

const matmulGraphs: readonly OpGraph[] = [
  opGraph('matmul', 'matmul-nn', (b, i) => b.matmul(i('x', ['atoms', 2, 3]), i('w', [3, 4]))),
  opGraph('matmul', 'matmul-nt', (b, i) => b.matmul(i('x', ['atoms', 2, 3]), i('w', [4, 3]), 'nt')),
  opGraph('matmul', 'matmul-tn', (b, i) => b.matmul(i('x', ['atoms', 2, 3]), i('z', ['atoms', 2, 4]), 'tn')),
  opGraph('matmul', 'matmul-nn-of-parameter', (b, i, p) => b.matmul(i('x', ['atoms', 3]), p('w', [3, 5]))),
  opGraph('matmul', 'matmul-nn-of-one-row', (b, i) => b.matmul(i('x', [3]), i('w', [3, 4]))),
  opGraph('matmul', 'matmul-tn-of-one-row', (b, i) => b.matmul(i('x', [3]), i('z', [2]), 'tn')),
  opGraph('matmul', 'matmul-nn-by-group', (b, i) =>
    b.matmul(i('x', ['atoms', 2, 2]), i('w', [3, 2, 4]), 'nn', species),
  ),
  opGraph('matmul', 'matmul-nt-by-group', (b, i) => b.matmul(i('x', ['atoms', 2]), i('w', [3, 4, 2]), 'nt', species)),
  opGraph('matmul', 'matmul-tn-by-group', (b, i) =>
    b.matmul(i('x', ['atoms', 2, 2]), i('z', ['atoms', 2, 3]), 'tn', species),
  ),
  opGraph('matmul', 'matmul-nn-by-composed-group', (b, i, p) =>
    b.matmul(i('x', ['edges', 2]), p('w', [3, 2, 4]), 'nn', senderSpecies),
  ),
  opGraph('matmul', 'matmul-nt-by-selected-group', (b, i, p) =>
    b.matmul(i('x', ['atoms', 2]), p('w', [2, 3, 2]), 'nt', kept),
  ),
  opGraph('matmul', 'matmul-nn-by-row', (b, i) =>
    b.matmul(i('x', ['edges', 2]), i('w', ['atoms', 2, 3]), 'nn', sender),
  ),
  opGraph('matmul', 'matmul-tn-by-row', (b, i) => b.matmul(i('x', ['edges', 2]), i('z', ['edges', 3]), 'tn', sender)),
];

/** `ab` is component b of operand a. */
function monomial(out: number, coefficient: number, ...factors: readonly string[]): Monomial {
  return { out, coefficient, factors: factors.map((text): Factor => ({ operand: +text[0]!, component: +text[1]! })) };
}

const mixed = polynomialTable(3, [
  monomial(0, 1.5, '00', '00', '11'),
  monomial(1, -0.7, '01', '20'),
  monomial(1, 0.3, '00', '01', '21'),
  monomial(2, 2),
  monomial(2, 1.1, '10', '10', '10'),
]);
const product = polynomialTable(2, [
  monomial(0, 1, '00', '10'),
  monomial(1, -0.5, '01', '11'),
  monomial(1, 0.8, '00', '11'),
]);

const polynomialGraphs: readonly OpGraph[] = [
  opGraph('polynomial', 'polynomial', (b, i) =>
    b.polynomial([i('x', ['atoms', 2, 3]), i('s', ['atoms', 2, 1]), i('w', ['atoms', 2, 3])], mixed),
  ),
  opGraph('polynomial', 'polynomial-of-one-channel', (b, i) =>
    b.polynomial([i('x', ['atoms', 2, 1]), i('z', ['atoms', 2, 1])], product),
  ),
  opGraph('polynomial', 'polynomial-of-one-channel-and-many', (b, i) =>
    b.polynomial([i('x', ['atoms', 2, 1]), i('z', ['atoms', 2, 4])], product),
  ),
  opGraph('polynomial', 'polynomial-of-repeated-factors', (b, i) =>
    b.polynomial(
      [i('x', ['atoms', 2, 3])],
      polynomialTable(2, [monomial(0, 1, '00', '00', '00', '00'), monomial(1, -2, '00', '00', '01', '01')]),
    ),
  ),
  opGraph('polynomial', 'polynomial-with-empty-component', (b, i) =>
    b.polynomial([i('x', ['atoms', 2, 3])], polynomialTable(3, [monomial(2, 1, '00', '01')])),
  ),
  opGraph('polynomial', 'polynomial-without-monomials', (b, i) =>
    b.polynomial([i('x', ['atoms', 2, 3])], polynomialTable(2, [])),
  ),
  opGraph('polynomial', 'polynomial-of-parameter', (b, i, p) =>
    b.polynomial([i('x', [3, 2, 4]), p('w', [3, 2, 4])], product),
  ),
];

/** Distances within the range of `tableGraph`. */
const withinRange = [0.6, 2.9] as const;

function tableGraph(name: string, order: 0 | 1, map?: IndexMap, terms = 4): OpGraph {
  const sizes = { functions: 2, terms, range: [0.5, 3], intervals: 5, ...(map && { map }) } as const;
  const groups = (map?.to ?? 1) as number;
  const { pieces, shape, attributes, body, slope } = exactTable(waves(groups * terms * sizes.functions), sizes);
  return opGraph(
    'table',
    name,
    (b, i, p) =>
      b.table(i('r', ['edges']), p('pieces', shape, pieces), {
        ...(order === 0 ? { body, slope } : { body: slope }),
        order,
        ...attributes,
      }),
    withinRange,
  );
}

/** A composite of two inputs and two outputs. */
function composite(): Graph {
  const build = new GraphBuilder();
  const a = build.input('a', ['atoms', 2]);
  const b = build.input('b', ['atoms', 2]);
  const gated = build.mul(build.tanh(a), b);
  return build.finish('composite', { gated, power: build.mul(gated, build.exp(b)) });
}

export const algebraGraphs: readonly OpGraph[] = [
  ...matmulGraphs,
  ...polynomialGraphs,
  tableGraph('table', 0),
  tableGraph('table-by-pair', 0, pair),
  tableGraph('table-slope', 1),
  tableGraph('table-slope-by-pair', 1, pair),
  tableGraph('table-linear', 0, undefined, 2),
  tableGraph('table-quartic-slope', 1, undefined, 5),
  tableGraph('table-septic-by-pair', 0, pair, 8),
  tableGraph('table-septic-slope-by-pair', 1, pair, 4),
  opGraph('call', 'call', (b, i) => {
    const operands = [i('x', ['atoms', 2]), i('z', ['atoms', 2])];
    return b.add(
      b.call('composite', composite(), operands, 'gated'),
      b.call('composite', composite(), operands, 'power'),
    );
  }),
  opGraph('call', 'call-of-one-value-twice', (b, i) => {
    const x = i('x', ['atoms', 2]);
    return b.call('composite', composite(), [x, x], 'power');
  }),
];
