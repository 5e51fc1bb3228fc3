/**
 * Trees of pointwise ops in one loop over whole vectors. The lanes past the end of the range are computed and not stored: what
 * lies there may belong to another thread.
 */
import type { Node } from '@mace/core/ir';
import { i32, v128, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Kernel } from './copy.js';
import { exponential, hyperbolicTangent } from './exponential.js';
import type { HostFunction, KernelCode, KernelSet } from './kernel-set.js';
import { sizeOfDims } from './size.js';

export interface PointwiseOperand {
  readonly node: Node;
  /** One number stands for all. */
  readonly uniform: boolean;
  /** What the number is, where it is known. */
  readonly constant?: number | undefined;
}

const pointwiseNames = [
  'neg',
  'sqrt',
  'exp',
  'log',
  'sin',
  'cos',
  'tanh',
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'max',
  'less',
  'select',
] as const;
export type PointwiseName = (typeof pointwiseNames)[number];

export function isPointwise(node: Node): boolean {
  return (pointwiseNames as readonly string[]).includes(node.op);
}

/** A unit is a number. Takes the addresses of the operands that are not constants, then that of the result. */
export function pointwiseKernel(set: KernelSet, nodes: readonly Node[], operands: readonly PointwiseOperand[]): Kernel {
  const result = nodes.at(-1)!;
  const loaded = operands.filter(({ constant }) => constant === undefined);
  const number = new Map<Node, number>();
  operands.forEach(({ node }) => number.set(node, number.size));
  const text = nodes.map((node) => {
    number.set(node, number.size);
    return [node.op, ...(node.operands as readonly Node[]).map((operand) => number.get(operand))];
  });
  const kinds = operands.map(({ node, uniform, constant }) => [node.type.kind, uniform, constant ?? null]);
  const name = set.kernel(`pointwise ${JSON.stringify([text, kinds])}`, loaded.length + 1, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const { vector } = lanes;
    const values = new Map<Node, Expression>();
    const addresses = new Map(loaded.map(({ node }, i) => [node, pointers[i]!]));
    for (const { node, uniform, constant } of operands) {
      if (constant !== undefined) values.set(node, kept(code, node, vector.of(constant)));
      else if (uniform) values.set(node, kept(code, node, vector.loadSplat(addresses.get(node)!)));
    }
    const offset = f.local('i32');
    const stop = f.keep(i32.mul(end, i32.of(lanes.bytes)));
    f.loop(offset, i32.mul(begin, i32.of(lanes.bytes)), stop, 16, () => {
      const own = new Map(values);
      for (const { node } of operands) {
        if (!own.has(node)) own.set(node, kept(code, node, vector.load(i32.add(addresses.get(node)!, offset))));
      }
      for (const node of nodes) {
        const inputs = (node.operands as readonly Node[]).map((operand) => own.get(operand)!);
        own.set(node, f.keep(apply(code, node, inputs, operands)));
      }
      const value = own.get(result)!;
      const numbers = result.type.kind === 'mask' ? v128.and(value, vector.of(1)) : value;
      const target = f.keep(i32.add(pointers.at(-1)!, offset));
      const left = i32.sub(stop, offset);
      f.if(
        i32.atLeast(left, i32.of(16)),
        () => f.store(target, numbers),
        () => storeFirst(code, target, f.keep(numbers), left),
      );
    });
  });
  return { name, units: sizeOfDims(result.type.shape) };
}

/** Stores the first `bytes` bytes of a vector, fewer than all. */
function storeFirst({ f, lanes }: KernelCode, target: Local, value: Local, bytes: Expression): void {
  for (let lane = 0; lane < lanes.vector.lanes - 1; lane++) {
    const at = lane * lanes.bytes;
    f.if(i32.less(i32.of(at), bytes), () => f.store(target, lanes.lane(value, lane), at));
  }
}

/** A loaded value in a variable; a mask, which memory holds as 0 and 1, as whole lanes. */
function kept({ f, lanes }: KernelCode, node: Node, value: Expression): Local {
  return f.keep(node.type.kind === 'mask' ? lanes.notEqual(value, lanes.vector.of(0)) : value);
}

function apply(
  code: KernelCode,
  node: Node,
  inputs: readonly Expression[],
  operands: readonly PointwiseOperand[],
): Expression {
  const { lanes, f } = code;
  const { vector } = lanes;
  const [a, b, c] = inputs as [Expression, Expression, Expression];
  switch (node.op as PointwiseName) {
    case 'neg':
      return vector.neg(a);
    case 'sqrt':
      return vector.sqrt(a);
    case 'exp':
      return exponential(f, lanes, a);
    case 'add':
      return vector.add(a, b);
    case 'sub':
      return vector.sub(a, b);
    case 'mul':
      return vector.mul(a, b);
    case 'div':
      return vector.div(a, b);
    case 'less':
      return lanes.less(a, b);
    case 'max':
      return v128.bitselect(b, a, lanes.less(a, b));
    case 'select':
      return v128.bitselect(b, c, a);
    case 'pow': {
      const exponent = operands.find((operand) => operand.node === node.operands[1])?.constant;
      return exponent === -1 ? vector.div(vector.of(1), a) : perLane(code, 'pow', [a, b]);
    }
    case 'tanh':
      return hyperbolicTangent(f, lanes, a);
    case 'log':
    case 'sin':
    case 'cos':
      return perLane(code, node.op as HostFunction, [a]);
  }
}

/** A function of the host in every lane. */
function perLane({ lanes, host, f }: KernelCode, name: HostFunction, inputs: readonly Expression[]): Expression {
  const result = f.local('v128');
  for (let lane = 0; lane < lanes.vector.lanes; lane++) {
    const numbers = inputs.map((input) => lanes.toF64(lanes.lane(input, lane)));
    f.assign(result, lanes.replace(result, lane, lanes.fromF64(host(name, ...numbers))));
  }
  return result;
}
