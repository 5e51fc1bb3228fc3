/**
 * A polynomial of components as products of matrices, one for each row.
 *
 * Operands with one channel are numbers of a row, the others have channels. Each monomial is a product of numbers s and a
 * product of channels z; with M[row] = Σ s · coefficients, a row of the result is M[row] · z[row]. Outputs that share no z are
 * in different blocks, which keeps the matrices small.
 */
import type { Dim, NodeOf } from '@mace/core/ir';
import type { Context, Value } from './context.js';
import { positions, Products, unique } from './products.js';
import { matMul } from './same-bits.js';
import { flatten, full, reshapedTo, shapeTensor } from './shapes.js';

/** Blocks are joined up to this many entries of a matrix: fewer products, at the price of some zeros. */
const smallMatrix = 256;

/** A sum of products of channels with coefficients that a row makes of its numbers. */
interface Block {
  readonly outputs: readonly number[];
  readonly channels: readonly string[];
}

interface Term {
  readonly out: number;
  /** Keys of the two products. */
  readonly numbers: string;
  readonly channels: string;
  readonly coefficient: number;
}

/** Code for a polynomial node. */
export function polynomial(context: Context, node: NodeOf<'polynomial'>, operands: readonly Value[]): Value {
  const { model, real } = context;
  const [rows, outputs, width] = node.type.shape as readonly [Dim, number, number];
  const hasChannels = (operand: number): boolean => width !== 1 && node.operands[operand]!.type.shape[2] === width;
  const whole = operands.map((x, i) => full(context, node.operands[i]!, x));
  const product = new Products(context, whole, rows);
  const terms = node.attributes.table.monomials.map(({ out, coefficient, factors }): Term => {
    const [numbers, channels] = [false, true].map((wanted) =>
      product.key(factors.filter(({ operand }) => hasChannels(operand) === wanted)),
    ) as [string, string];
    return { out, coefficient, numbers, channels };
  });
  if (terms.length === 0) {
    const zero = model.reals(real, [0], [1, 1, 1]);
    return { name: zero, shape: [1, 1, 1] };
  }
  const [numberKeys, numbers] = product.of(unique(terms.map((term) => term.numbers)), 1);
  const s = flatten(context, numbers, 1);
  const coefficients = (kept: readonly Term[], columns: number, columnOf: (term: Term) => number): number[] => {
    const matrix = new Array<number>(numberKeys.length * columns).fill(0);
    const rowOf = new Map(numberKeys.map((key, i) => [key, i]));
    for (const term of kept) matrix[rowOf.get(term.numbers)! * columns + columnOf(term)]! += term.coefficient;
    return matrix;
  };

  if (terms.every(({ channels }) => channels === '')) {
    const matrix = coefficients(terms, outputs, ({ out }) => out);
    const made = matMul(context, s, model.reals(real, matrix, [numberKeys.length, outputs]), [rows], numberKeys.length);
    return { name: reshapedTo(context, made, [rows, outputs, 1]), shape: [rows, outputs, 1] };
  }

  const made: string[] = [];
  const order: number[] = [];
  for (const block of blocksOf(terms)) {
    const [channelKeys, z] = product.of(block.channels, width);
    const [height, inner] = [block.outputs.length, channelKeys.length];
    const [rowOf, columnOf] = [positions(block.outputs), positions(channelKeys)];
    const own = terms.filter(({ channels }) => columnOf.has(channels));
    const matrix = coefficients(own, height * inner, (t) => rowOf.get(t.out)! * inner + columnOf.get(t.channels)!);
    const constant = numberKeys.length === 1 && numberKeys[0] === '';
    const m = constant
      ? model.add('Expand', [
          model.reals(real, matrix, [1, height, inner]),
          shapeTensor(context, [rows, height, inner]),
        ])
      : reshapedTo(
          context,
          matMul(context, s, model.reals(real, matrix, [numberKeys.length, height * inner]), [rows], numberKeys.length),
          [rows, height, inner],
        );
    made.push(model.add('MatMul', [m, z]));
    order.push(...block.outputs);
  }
  const absent = Array.from({ length: outputs }, (_, out) => out).filter((out) => !order.includes(out));
  if (absent.length > 0) {
    const zeros = model.reals(real, [0], [1, 1, 1]);
    made.push(model.add('Expand', [zeros, shapeTensor(context, [rows, absent.length, width])]));
    order.push(...absent);
  }
  const joined = made.length === 1 ? made[0]! : model.add('Concat', made, { axis: 1 });
  const place = positions(order);
  const inOrder = order.every((out, i) => out === i)
    ? joined
    : model.add('Gather', [joined, model.integers(order.map((_, out) => place.get(out)!))], { axis: 1 });
  // A Reshape that changes nothing: see `product` in lowering.ts.
  return { name: reshapedTo(context, inOrder, node.type.shape), shape: node.type.shape };
}

/** Outputs with the products of channels that they need: connected ones together, small blocks joined. */
function blocksOf(terms: readonly Term[]): Block[] {
  const blocks: { outputs: Set<number>; channels: Set<string> }[] = [];
  for (const { out, channels } of terms) {
    const touching = blocks.filter((block) => block.outputs.has(out) || block.channels.has(channels));
    const [block = { outputs: new Set<number>(), channels: new Set<string>() }, ...others] = touching;
    if (touching.length === 0) blocks.push(block);
    block.outputs.add(out);
    block.channels.add(channels);
    for (const other of others) {
      other.outputs.forEach((one) => block.outputs.add(one));
      other.channels.forEach((one) => block.channels.add(one));
      blocks.splice(blocks.indexOf(other), 1);
    }
  }
  const ascending = blocks
    .map(({ outputs, channels }) => ({ outputs: [...outputs].sort((a, b) => a - b), channels: [...channels] }))
    .sort((a, b) => a.outputs[0]! - b.outputs[0]!);
  const joined: Block[] = [];
  for (const block of ascending) {
    const last = joined.at(-1);
    const outputs = [...(last?.outputs ?? []), ...block.outputs];
    const channels = [...(last?.channels ?? []), ...block.channels];
    if (last && outputs.length * channels.length <= smallMatrix) joined[joined.length - 1] = { outputs, channels };
    else joined.push(block);
  }
  return joined;
}
