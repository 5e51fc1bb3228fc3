/**
 * op → code. The ops that nothing else replaces, and no others: `neg`, `tanh`, `polynomial` and the rest reach this
 * file as these.
 */
import type { IndexMapValues, Lowerings, RealArray } from '@mace/core/backend';
import type { Node } from '@mace/core/ir';
import { addRows, multiplyMatrix, pickRows, rowMajorStrides, strideThrough, sumStrided } from './kernels.js';

/** A dense array, row-major. Masks hold 0 and 1. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: RealArray;
}

/** What lowerings need to know of the run. */
export interface Context {
  readonly maps: ReadonlyMap<string, IndexMapValues>;
  readonly parameters: Readonly<Record<string, RealArray>>;
  input(name: string): RealArray;
  constant(values: readonly number[]): RealArray;
  shapeOf(node: Node): readonly number[];
  /** Memory for the value of a node; it holds whatever was there before. */
  result(node: Node): Tensor;
}

/** Nodes that share the memory of their operand. */
export function isView(node: Node): boolean {
  return node.op === 'reshape';
}

export const lowerings: Lowerings<Context, Tensor> = {
  // Only the plain product of rows with one matrix; the other forms are legalized into it.
  supports: (node) => node.op !== 'matmul' || (node.attributes.form === 'nn' && node.attributes.group === undefined),
  ops: {
    input: (context, node) => ({ shape: context.shapeOf(node), data: context.input(node.attributes.name) }),
    parameter: (context, node) => ({
      shape: context.shapeOf(node),
      data: context.parameters[node.attributes.name]!,
    }),
    constant: (context, node) => ({ shape: context.shapeOf(node), data: context.constant(node.attributes.values) }),

    // From here on the table is what chapter 3 of docs/guides/add-a-backend.md fills in.
    exp: (context, node, [x]) => each(context, node, x, Math.exp),
    log: (context, node, [x]) => each(context, node, x, Math.log),
    sin: (context, node, [x]) => each(context, node, x, Math.sin),
    add: (context, node, [a, b]) => eachPair(context, node, a, b, (p, q) => p + q),
    mul: (context, node, [a, b]) => eachPair(context, node, a, b, (p, q) => p * q),
    pow: (context, node, [a, b]) => eachPair(context, node, a, b, Math.pow),
    less: (context, node, [a, b]) => eachPair(context, node, a, b, (p, q) => (p < q ? 1 : 0)),
    select: (context, node, [mask, a, b]) => {
      const out = context.result(node);
      for (let i = 0; i < out.data.length; i++) out.data[i] = mask.data[i] ? a.data[i]! : b.data[i]!;
      return out;
    },

    reshape: (context, node, [x]) => ({ shape: context.shapeOf(node), data: x.data }),
    transpose: (context, node, [x]) => {
      const out = context.result(node);
      const strides = rowMajorStrides(x.shape);
      strideThrough(
        x.data,
        node.attributes.order.map((axis) => strides[axis]!),
        out,
      );
      return out;
    },
    broadcast: (context, node, [x]) => {
      const out = context.result(node);
      const strides = rowMajorStrides(x.shape).map((stride, axis) => (x.shape[axis] === 1 ? 0 : stride));
      strideThrough(x.data, strides, out);
      return out;
    },
    sum: (context, node, [x]) => {
      const out = context.result(node);
      sumStrided(x, node.attributes.axes, out.data);
      return out;
    },

    matmul: (context, node, [a, b]) => {
      const out = context.result(node);
      multiplyMatrix(a.data, b.data, b.shape[0]!, b.shape[1]!, out.data);
      return out;
    },
    gather: (context, node, [x]) => {
      const out = context.result(node);
      pickRows(x, context.maps.get(node.attributes.map.name)!, out.data);
      return out;
    },
    segmentSum: (context, node, [x]) => {
      const out = context.result(node);
      addRows(x, context.maps.get(node.attributes.map.name)!, out.data);
      return out;
    },
  },
};

function each(context: Context, node: Node, x: Tensor, apply: (value: number) => number): Tensor {
  const out = context.result(node);
  for (let i = 0; i < out.data.length; i++) out.data[i] = apply(x.data[i]!);
  return out;
}

function eachPair(context: Context, node: Node, a: Tensor, b: Tensor, apply: (p: number, q: number) => number): Tensor {
  const out = context.result(node);
  for (let i = 0; i < out.data.length; i++) out.data[i] = apply(a.data[i]!, b.data[i]!);
  return out;
}
