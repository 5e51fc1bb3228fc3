/**
 * The forward rule of each op: given the tangents of its operands, the tangent of its result.
 *
 * A `null` tangent is zero; a rule is called only when at least one is not. The type of the table makes a
 * missing rule a compile error.
 */
import { GraphError } from '../errors.js';
import type { GraphBuilder } from '../ir/builder.js';
import { forwardTable } from '../ir/polynomial.js';
import type { Graph, LeafName, Node, NodeOf, OpName } from '../ir/types.js';
import { slopeOfTable } from './reverse-rules.js';

export interface ForwardContext {
  readonly build: GraphBuilder;
  /** Body with one more input per moving operand, returning `tangent`. */
  forwardBody(body: Graph, output: string, moving: readonly boolean[]): Graph;
}

export type ForwardRule<K extends OpName> = (
  context: ForwardContext,
  node: NodeOf<K>,
  tangents: readonly (Node | null)[],
) => Node | null;

export type ForwardRules = { readonly [K in Exclude<OpName, LeafName>]: ForwardRule<K> };

export const forwardRules: ForwardRules = {
  neg: ({ build }, _node, [t]) => build.neg(t!),
  sqrt: ({ build }, node, [t]) => build.scale(build.div(t!, node), 0.5),
  exp: ({ build }, node, [t]) => build.mul(t!, node),
  log: ({ build }, node, [t]) => build.div(t!, node.operands[0]),
  sin: ({ build }, node, [t]) => build.mul(t!, build.cos(node.operands[0])),
  cos: ({ build }, node, [t]) => build.neg(build.mul(t!, build.sin(node.operands[0]))),
  tanh: ({ build }, node, [t]) => build.sub(t!, build.mul(t!, build.mul(node, node))),
  add: ({ build }, _node, [a, b]) => plus(build, a, b),
  sub: ({ build }, _node, [a, b]) => plus(build, a, b && build.neg(b)),
  mul: ({ build }, node, [a, b]) =>
    plus(build, a && build.mul(a, node.operands[1]), b && build.mul(node.operands[0], b)),
  div: ({ build }, node, [a, b]) =>
    plus(build, a && build.div(a, node.operands[1]), b && build.neg(build.div(build.mul(node, b), node.operands[1]))),
  pow: ({ build }, node, [a, b]) => {
    const [base, exponent] = node.operands;
    return plus(
      build,
      a && build.mul(a, build.mul(exponent, build.pow(base, build.shift(exponent, -1)))),
      b && build.mul(b, build.mul(node, build.log(base))),
    );
  },
  max: ({ build }, node, [a, b]) =>
    build.select(build.less(node.operands[0], node.operands[1]), orZero(build, b, node), orZero(build, a, node)),
  less: () => null,
  select: ({ build }, node, [, a, b]) =>
    a || b ? build.select(node.operands[0], orZero(build, a, node), orZero(build, b, node)) : null,
  sum: ({ build }, node, [t]) => build.sum(t!, node.attributes.axes),
  reshape: ({ build }, node, [t]) => build.reshape(t!, node.type.shape),
  transpose: ({ build }, node, [t]) => build.transpose(t!, node.attributes.order),
  broadcast: ({ build }, node, [t]) => build.broadcast(t!, node.type.shape),
  slice: ({ build }, node, [t]) => build.slice(t!, node.attributes.axis, node.attributes.start, node.attributes.stop),
  pad: ({ build }, node, [t]) => build.pad(t!, node.attributes.axis, node.attributes.before, node.attributes.after),
  concat: ({ build }, node, tangents) =>
    build.concat(
      node.operands.map((operand, i) => orZero(build, tangents[i], operand)),
      node.attributes.axis,
    ),
  matmul: ({ build }, node, [a, b]) => {
    const { form, group } = node.attributes;
    return plus(
      build,
      a && build.matmul(a, node.operands[1], form, group),
      b && build.matmul(node.operands[0], b, form, group),
    );
  },
  gather: ({ build }, node, [t]) => build.gather(t!, node.attributes.map),
  segmentSum: ({ build }, node, [t]) => build.segmentSum(t!, node.attributes.map),
  polynomial: ({ build }, node, tangents) => {
    const operands: Node[] = [...node.operands];
    const numbers = new Map<number, number>();
    tangents.forEach((tangent, k) => {
      if (tangent) numbers.set(k, operands.push(tangent) - 1);
    });
    return build.polynomial(operands, forwardTable(node.attributes.table, numbers));
  },
  table: (context, node, [t, pieces]) => {
    const { build } = context;
    if (pieces)
      throw new GraphError(
        `table in ${node.scope}: its pieces have no derivative; tables are for inference, differentiate the graph without them.`,
      );
    return build.mul(build.expand(t!, node.type.shape, [0]), slopeOfTable(context, node));
  },
  call: ({ build, forwardBody }, node, tangents) => {
    const { name, body, output } = node.attributes;
    const moving = tangents.map((t) => t !== null);
    const forward = forwardBody(body, output, moving);
    if (!forward.outputs.tangent) return null;
    return build.call(
      `${name}.forward`,
      forward,
      [...node.operands, ...tangents.filter((t): t is Node => t !== null)],
      'tangent',
    );
  },
};

function plus(build: GraphBuilder, a: Node | null | undefined, b: Node | null | undefined): Node | null {
  if (a && b) return build.add(a, b);
  return a ?? b ?? null;
}

function orZero(build: GraphBuilder, tangent: Node | null | undefined, like: Node): Node {
  return tangent ?? build.fill(0, like);
}
