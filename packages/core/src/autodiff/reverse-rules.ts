/**
 * The reverse rule of each op: given the cotangent of its result, the cotangent of each operand.
 *
 * The type of the table makes a missing rule a compile error. Rules build ordinary nodes of the same op set,
 * so derivatives of any order are ordinary graphs. `needs[i]` is false where operand i needs no cotangent.
 */
import { GraphError } from '../errors.js';
import type { GraphBuilder } from '../ir/builder.js';
import { reverseTable } from '../ir/polynomial.js';
import type { Graph, LeafName, Node, NodeOf, OpName } from '../ir/types.js';

/** What a rule may use: the builder, and the derivative of a whole body (for `call`). */
export interface ReverseContext {
  readonly build: GraphBuilder;
  /** Body with one more input, `cotangent`, returning `d0`, `d1`, … for the inputs that are needed. */
  reverseBody(body: Graph, output: string, needs: readonly boolean[]): Graph;
  /** Body with one more input per moving operand, returning `tangent`. */
  forwardBody(body: Graph, output: string, moving: readonly boolean[]): Graph;
}

/** One cotangent per operand; `null` where no gradient flows. */
export type ReverseRule<K extends OpName> = (
  context: ReverseContext,
  node: NodeOf<K>,
  cotangent: Node,
  needs: readonly boolean[],
) => readonly (Node | null)[];

export type ReverseRules = { readonly [K in Exclude<OpName, LeafName>]: ReverseRule<K> };

export const reverseRules: ReverseRules = {
  neg: ({ build }, _node, ct) => [build.neg(ct)],
  sqrt: ({ build }, node, ct) => [build.scale(build.div(ct, node), 0.5)],
  exp: ({ build }, node, ct) => [build.mul(ct, node)],
  log: ({ build }, node, ct) => [build.div(ct, node.operands[0])],
  sin: ({ build }, node, ct) => [build.mul(ct, build.cos(node.operands[0]))],
  cos: ({ build }, node, ct) => [build.neg(build.mul(ct, build.sin(node.operands[0])))],
  tanh: ({ build }, node, ct) => [build.sub(ct, build.mul(ct, build.mul(node, node)))],
  add: (_context, _node, ct) => [ct, ct],
  sub: ({ build }, _node, ct) => [ct, build.neg(ct)],
  mul: ({ build }, node, ct, needs) => [
    needs[0] ? build.mul(ct, node.operands[1]) : null,
    needs[1] ? build.mul(ct, node.operands[0]) : null,
  ],
  div: ({ build }, node, ct, needs) => [
    needs[0] ? build.div(ct, node.operands[1]) : null,
    needs[1] ? build.neg(build.div(build.mul(ct, node), node.operands[1])) : null,
  ],
  pow: ({ build }, node, ct, needs) => {
    const [base, exponent] = node.operands;
    return [
      needs[0] ? build.mul(ct, build.mul(exponent, build.pow(base, build.shift(exponent, -1)))) : null,
      needs[1] ? build.mul(ct, build.mul(node, build.log(base))) : null,
    ];
  },
  max: ({ build }, node, ct) => {
    const [a, b] = node.operands;
    const zero = build.fill(0, ct);
    const second = build.less(a, b);
    return [build.select(second, zero, ct), build.select(second, ct, zero)];
  },
  less: () => [null, null],
  select: ({ build }, node, ct) => {
    const zero = build.fill(0, ct);
    return [null, build.select(node.operands[0], ct, zero), build.select(node.operands[0], zero, ct)];
  },
  sum: ({ build }, node, ct) => {
    const shape = node.operands[0].type.shape;
    const kept = shape.map((_, axis) => axis).filter((axis) => !node.attributes.axes.includes(axis));
    return [build.expand(ct, shape, kept)];
  },
  reshape: ({ build }, node, ct) => [build.reshape(ct, node.operands[0].type.shape)],
  transpose: ({ build }, node, ct) => [
    build.transpose(
      ct,
      node.attributes.order.map((_, axis) => node.attributes.order.indexOf(axis)),
    ),
  ],
  broadcast: ({ build }, node, ct) => {
    const from = node.operands[0].type.shape;
    const grown = from.map((_, axis) => axis).filter((axis) => from[axis] !== node.type.shape[axis]);
    return [build.reshape(build.sum(ct, grown), from)];
  },
  slice: ({ build }, node, ct) => {
    const { axis, start, stop } = node.attributes;
    return [build.pad(ct, axis, start, (node.operands[0].type.shape[axis] as number) - stop)];
  },
  pad: ({ build }, node, ct) => {
    const { axis, before } = node.attributes;
    return [build.slice(ct, axis, before, before + (node.operands[0].type.shape[axis] as number))];
  },
  concat: ({ build }, node, ct, needs) => {
    const { axis } = node.attributes;
    let start = 0;
    return node.operands.map((operand, i) => {
      const stop = start + (operand.type.shape[axis] as number);
      const part = needs[i] ? build.slice(ct, axis, start, stop) : null;
      start = stop;
      return part;
    });
  },
  matmul: ({ build }, node, ct, needs) => {
    const [a, b] = node.operands;
    const { form, group } = node.attributes;
    const of = (need: boolean | undefined, make: () => Node): Node | null => (need ? make() : null);
    switch (form) {
      case 'nn':
        return [
          of(needs[0], () => build.matmul(ct, b, 'nt', group)),
          of(needs[1], () => build.matmul(a, ct, 'tn', group)),
        ];
      case 'nt':
        return [
          of(needs[0], () => build.matmul(ct, b, 'nn', group)),
          of(needs[1], () => build.matmul(ct, a, 'tn', group)),
        ];
      case 'tn':
        return [
          of(needs[0], () => build.matmul(b, ct, 'nt', group)),
          of(needs[1], () => build.matmul(a, ct, 'nn', group)),
        ];
    }
  },
  gather: ({ build }, node, ct) => [build.segmentSum(ct, node.attributes.map)],
  segmentSum: ({ build }, node, ct) => [build.gather(ct, node.attributes.map)],
  polynomial: ({ build }, node, ct, needs) => {
    const operands = node.operands;
    return operands.map((operand, k) => {
      if (!needs[k]) return null;
      const table = reverseTable(node.attributes.table, k, operand.type.shape[1] as number, operands.length);
      const wide = build.polynomial([...operands, ct], table);
      if (operand.type.shape[2] === wide.type.shape[2]) return wide;
      return build.reshape(build.sum(wide, [2]), operand.type.shape);
    });
  },
  table: (context, node, ct, needs) => {
    const { build } = context;
    if (needs[1])
      throw new GraphError(
        `table in ${node.scope}: its pieces have no derivative; tables are for inference, differentiate the graph without them.`,
      );
    const slope = slopeOfTable(context, node);
    return [needs[0] ? build.sum(build.mul(ct, slope), [1]) : null, null];
  },
  call: ({ build, reverseBody }, node, ct, needs) => {
    const { name, body, output } = node.attributes;
    const reverse = reverseBody(body, output, needs);
    return node.operands.map((_, k) =>
      needs[k] && reverse.outputs[`d${k}`]
        ? build.call(`${name}.reverse`, reverse, [...node.operands, ct], `d${k}`)
        : null,
    );
  },
};

/**
 * The derivative of a table with respect to distance: the table of the next order, from the same pieces. There is none
 * after the slope, whose derivative is that of its exact body: a short polynomial has a poor second derivative.
 */
export function slopeOfTable(
  { build, forwardBody }: Pick<ReverseContext, 'build' | 'forwardBody'>,
  node: NodeOf<'table'>,
): Node {
  const { slope, body, order, ...rest } = node.attributes;
  const [distance, pieces] = node.operands;
  if (order === 0 && slope) return build.table(distance, pieces, { ...rest, body: slope, order: 1 });
  const [output] = Object.keys(body.outputs) as [string];
  const forward = forwardBody(body, output, [true]);
  const [r, tangent] = forward.inputs as [Node, Node];
  const moved = new Map([
    [r, distance],
    [tangent, build.fill(1, distance)],
  ]);
  return build.import(forward, moved).tangent ?? build.fill(0, node);
}
