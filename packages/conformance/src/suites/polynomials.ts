/** The polynomials that a MACE is made of: harmonics, tensor products, symmetric products, and their corner cases. */
import {
  channelwiseProduct,
  couplingBasis,
  parseIrreps,
  sphericalHarmonicsIrreps,
  sphericalHarmonicsTable,
  symmetricContractionTable,
} from '@mace/core/equivariant';
import { GraphBuilder, polynomialTable, type Dim, type Graph, type PolynomialTable } from '@mace/core/ir';
import { once, type GraphCase } from '../case.js';
import { rowCases } from './ops.js';
import { upTo } from './sizes/lists.js';

/** A polynomial of inputs `x0`, `x1`, … with [components, channels] each. */
export interface PolynomialGraph {
  readonly name: string;
  readonly graph: Graph;
}

export function polynomialCases(): GraphCase[] {
  return polynomialGraphs().flatMap(({ name, graph }) =>
    rowCases(
      `polynomials/${name}`,
      once(() => ({ graph, parameters: {} })),
      [-1, 1],
      {
        '0-rows': [0],
        '1-to-70-rows': upTo(1, 70),
        'rows-beside-blocks': [95, 96, 97, 127, 128, 129, 144, 255, 256, 257],
        '500-rows': [500],
      },
    ),
  );
}

/** The graphs, for the suite of derivatives too. */
export function polynomialGraphs(): PolynomialGraph[] {
  return [
    ...[0, 1, 2, 3, 4].map((l) => polynomialGraph(`harmonics-${l}`, sphericalHarmonicsTable(l), 'edges', [[3, 1]])),
    ...products(),
    ...contractions(),
    polynomialGraph('one-channel-operands', small, 'atoms', [
      [2, 1],
      [2, 5],
      [2, 1],
    ]),
    polynomialGraph('all-channels', small, 'atoms', [
      [2, 5],
      [2, 5],
      [2, 5],
    ]),
    polynomialGraph('repeated-factors', powers, 'atoms', [[2, 3]]),
    polynomialGraph('constant-term', constantTerm, 'atoms', [[1, 2]]),
    polynomialGraph('empty-table', polynomialTable(2, []), 'atoms', [[2, 3]]),
  ];
}

/** Messages: sender features × harmonics × weights per path. */
function products(): PolynomialGraph[] {
  return (
    [
      ['scalars', '4x0e', 2, '4x0e+4x1o+4x2e'],
      ['vectors', '4x0e+4x1o', 3, '4x0e+4x1o+4x2e+4x3o'],
      ['tensors', '3x0e+3x1o+3x2e', 2, '3x0e+3x1o+3x2e'],
    ] as const
  ).map(([name, input, lmax, target]) => {
    const blocks = parseIrreps(input);
    const product = channelwiseProduct(blocks, sphericalHarmonicsIrreps(lmax), parseIrreps(target));
    const all = blocks.map((_, i) => i);
    const channels = blocks[0]!.multiplicity;
    const components = blocks.reduce((sum, { irrep }) => sum + 2 * irrep.l + 1, 0);
    return polynomialGraph(`tensor-product-${name}`, product.table(all), 'edges', [
      [components, channels],
      [(lmax + 1) ** 2, 1],
      [product.paths.length, channels],
    ]);
  });
}

/** Products of atomic base: correlation 1 to 3, invariant and vector outputs. */
function contractions(): PolynomialGraph[] {
  const base = parseIrreps('1x0e+1x1o+1x2e');
  return [1, 2, 3].flatMap((correlation) =>
    (
      [
        { l: 0, p: 1 },
        { l: 1, p: -1 },
      ] as const
    ).map((output) => {
      const orders = Array.from({ length: correlation }, (_, i) => couplingBasis(base, output, i + 1));
      const weights = orders.reduce((sum, { paths }) => sum + paths, 0);
      return polynomialGraph(`symmetric-${correlation}-to-l${output.l}`, symmetricContractionTable(orders), 'atoms', [
        [9, 4],
        [weights, 4],
      ]);
    }),
  );
}

function polynomialGraph(
  name: string,
  table: PolynomialTable,
  rows: Dim,
  operands: readonly (readonly [components: number, channels: number])[],
): PolynomialGraph {
  const build = new GraphBuilder();
  const inputs = operands.map(([components, channels], i) => build.input(`x${i}`, [rows, components, channels]));
  return { name, graph: build.finish(name, { y: build.polynomial(inputs, table) }) };
}

const factor = (operand: number, component: number): { operand: number; component: number } => ({ operand, component });

const small = polynomialTable(3, [
  { out: 0, coefficient: 1.5, factors: [factor(0, 0), factor(1, 1), factor(2, 0)] },
  { out: 0, coefficient: -0.4, factors: [factor(0, 1), factor(1, 0)] },
  { out: 1, coefficient: 0.7, factors: [factor(1, 0), factor(1, 1), factor(2, 1)] },
  { out: 2, coefficient: -1.1, factors: [factor(2, 0)] },
]);

const powers = polynomialTable(2, [
  { out: 0, coefficient: 1, factors: [factor(0, 0), factor(0, 0)] },
  { out: 0, coefficient: -0.5, factors: [factor(0, 1), factor(0, 1), factor(0, 1)] },
  { out: 1, coefficient: 2, factors: [factor(0, 0), factor(0, 0), factor(0, 1), factor(0, 1)] },
]);

const constantTerm = polynomialTable(2, [
  { out: 0, coefficient: 0.25, factors: [] },
  { out: 1, coefficient: 1, factors: [factor(0, 0)] },
]);
