/**
 * Fusion of a polynomial with the sum over its channels, which the derivative of a convolution by its spherical harmonics is.
 *
 * Products of all factors but one, times the transposed last one, sum over channels at once: no product of all of them is made.
 */
import { fusedOperands, type Fusion } from '@mace/core/backend';
import type { Dim, Node, NodeOf } from '@mace/core/ir';
import type { Context, Value } from './context.js';
import { positions, Products, unique } from './products.js';
import { matMul } from './same-bits.js';
import { full, reshapedTo } from './shapes.js';

/** Σ over channels of a polynomial whose operands all have channels. */
export const channelSum: Fusion<Context, Value> = {
  name: 'channel-sum',
  match: (node) => {
    const polynomial = summedPolynomial(node);
    return polynomial && lastOperand(polynomial) !== undefined ? [polynomial, node] : null;
  },
  lower: (context, node, matched, values) => {
    const { model, real } = context;
    const polynomial = summedPolynomial(node)!;
    const { operands, attributes, type } = polynomial;
    const valueOf = new Map(fusedOperands(matched).map((operand, i) => [operand, values[i]!]));
    const whole = operands.map((operand) => full(context, operand, valueOf.get(operand)!));
    const last = lastOperand(polynomial)!;
    const [rows, outputs, width] = type.shape as readonly [Dim, number, number];
    const components = operands[last]!.type.shape[1] as number;

    const product = new Products(context, whole, rows);
    const terms = attributes.table.monomials.map(({ out, coefficient, factors }) => ({
      out,
      coefficient,
      others: product.key(factors.filter(({ operand }) => operand !== last)),
      component: factors.find(({ operand }) => operand === last)!.component,
    }));
    const [keys, z] = product.of(unique(terms.map(({ others }) => others)), width);
    const rowOf = positions(keys);
    const inner = keys.length * components;
    const matrix = new Array<number>(inner * outputs).fill(0);
    for (const { out, coefficient, others, component } of terms)
      matrix[(rowOf.get(others)! * components + component) * outputs + out]! += coefficient;

    const turned = model.once(`turned ${whole[last]}`, () =>
      model.add('Transpose', [whole[last]!], { perm: [0, 2, 1] }),
    );
    const sums = reshapedTo(context, model.add('MatMul', [z, turned]), [rows, inner]);
    const made = matMul(context, sums, model.reals(real, matrix, [inner, outputs]), [rows], inner);
    return { name: reshapedTo(context, made, node.type.shape), shape: node.type.shape };
  },
};

function summedPolynomial(node: Node): NodeOf<'polynomial'> | undefined {
  if (node.op !== 'sum' || node.attributes.axes.join() !== '2') return undefined;
  const [x] = node.operands;
  return x.op === 'polynomial' ? x : undefined;
}

/** The operand with most components of those that are in each monomial exactly once, if all operands have channels. */
function lastOperand({ operands, attributes: { table }, type }: NodeOf<'polynomial'>): number | undefined {
  const width = type.shape[2]!;
  if (width === 1 || table.monomials.length === 0 || operands.some((x) => x.type.shape[2] !== width)) return undefined;
  return operands
    .map((x, operand) => ({ operand, components: x.type.shape[1] as number }))
    .filter(({ operand }) =>
      table.monomials.every(({ factors }) => factors.filter((factor) => factor.operand === operand).length === 1),
    )
    .sort((a, b) => b.components - a.components)[0]?.operand;
}
