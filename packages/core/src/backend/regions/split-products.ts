/**
 * Before regions are formed: the product rule of forward mode leaves polynomials over edges that are sums of products of
 * different things, such as x'·y·w + x·y'·w + x·y·w'. Each product becomes a polynomial of its own, a form that a region can be
 * read from, and sums over edges or channels are taken of each.
 */
import { rewrite, type GraphBuilder } from '../../ir/builder.js';
import type { Graph, Monomial, Node, NodeOf } from '../../ir/types.js';

export function splitProducts(graph: Graph): Graph {
  /** Polynomials over edges that a node is the sum of. */
  const parts = new Map<Node, readonly Node[]>();
  const sumOf = (build: GraphBuilder, nodes: readonly Node[]): Node => {
    const sum = nodes.reduce((a, b) => build.add(a, b));
    parts.set(sum, nodes);
    return sum;
  };
  return rewrite(graph, (build, node, operands) =>
    build.scoped(node.scope, () => {
      if (node.op === 'polynomial') {
        const products = productsOf(node);
        return (
          products &&
          sumOf(
            build,
            products.map((product) => partOf(build, product, operands, node)),
          )
        );
      }
      const of = operands.map((operand) => parts.get(operand));
      if (node.op === 'add' && of[0] && of[1]) return sumOf(build, [...of[0], ...of[1]]);
      if (node.op !== 'segmentSum' && !(node.op === 'sum' && node.attributes.axes.join() === '2')) return null;
      if (!of[0] || of[0].length === 1) return null;
      return of[0]
        .map((part) => (node.op === 'sum' ? build.sum(part, [2]) : build.segmentSum(part, node.attributes.map)))
        .reduce((a, b) => build.add(a, b));
    }),
  );
}

/** The monomials of each product, by the operands that it multiplies; null for what is no sum of products over edges. */
function productsOf({ attributes: { table }, type: { shape } }: NodeOf<'polynomial'>): Monomial[][] | null {
  if (shape.length !== 3 || shape[0] !== 'edges' || shape[2] === 1) return null;
  const products = new Map<string, Monomial[]>();
  for (const monomial of table.monomials) {
    const numbers = monomial.factors.map(({ operand }) => operand);
    if (numbers.length < 2 || numbers.length > 3 || new Set(numbers).size < numbers.length) return null;
    const key = numbers.sort((a, b) => a - b).join();
    products.set(key, [...(products.get(key) ?? []), monomial]);
  }
  return products.size === 0 ? null : [...products.values()];
}

function partOf(
  build: GraphBuilder,
  monomials: readonly Monomial[],
  operands: readonly Node[],
  { attributes: { table } }: NodeOf<'polynomial'>,
): Node {
  const used = [...new Set(monomials.flatMap(({ factors }) => factors.map(({ operand }) => operand)))].sort(
    (a, b) => a - b,
  );
  const renumbered = monomials.map((monomial) => ({
    ...monomial,
    factors: monomial.factors.map(({ operand, component }) => ({ operand: used.indexOf(operand), component })),
  }));
  return build.polynomial(
    used.map((operand) => operands[operand]!),
    { outputs: table.outputs, monomials: renumbered },
  );
}
