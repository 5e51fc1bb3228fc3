/**
 * op → nodes of an ONNX graph. What is missing here (such as matrices picked by a group) reaches this file as other ops.
 *
 * A broadcast is a promise: a value may keep a size of 1 where its type has more, because pointwise ops of ONNX stretch
 * their operands; only ops that need the full array make it.
 */
import type { Context, Value } from './context.js';
import type { Lower, Lowerings } from '@mace/core/backend';
import { fixedSize, type Node, type NodeOf, type OpName, type Shape } from '@mace/core/ir';
import { DataType } from './model-builder.js';
import { cosine, sine } from './angles.js';
import { channelSum } from './channel-sum.js';
import { logarithm } from './logarithm.js';
import { polynomial } from './polynomial.js';
import { elementary, matMul, sum } from './same-bits.js';
import { fullAlong, full, flatten, reshaped, reshapedTo, zeros } from './shapes.js';
import { tanh } from './tanh.js';

/** What ONNX has for each op. */
export const lowerings: Lowerings<Context, Value> = {
  fusions: [channelSum],
  supports: (node) => node.op !== 'matmul' || node.attributes.group === undefined,
  ops: {
    input: (context, node) => {
      const name = context.input(node.attributes.name);
      return exact(node, node.type.kind === 'real' ? name : context.model.add('Cast', [name], { to: DataType.BOOL }));
    },
    parameter: (context, node) => exact(node, context.parameter(node.attributes.name)),
    constant: (context, node) =>
      exact(node, context.model.reals(context.real, node.attributes.values, node.type.shape as readonly number[])),

    neg: pointwise('Neg'),
    sqrt: pointwise('Sqrt'),
    exp: (context, _node, [x]) => ({ name: elementary(context, 'Exp', x), shape: x.shape }),
    log: (context, _node, [x]) => ({
      name: context.shaders ? logarithm(context, x.name) : elementary(context, 'Log', x),
      shape: x.shape,
    }),
    sin: (context, _node, [x]) => ({
      name: context.shaders ? sine(context, x.name) : elementary(context, 'Sin', x),
      shape: x.shape,
    }),
    cos: (context, _node, [x]) => ({
      name: context.shaders ? cosine(context, x.name) : elementary(context, 'Cos', x),
      shape: x.shape,
    }),
    tanh: (context, _node, [x]) => ({ name: tanh(context, x), shape: x.shape }),
    add: pointwise('Add'),
    sub: pointwise('Sub'),
    mul: pointwise('Mul'),
    div: pointwise('Div'),
    pow: (context, node, operands) => {
      if (!context.shaders) return pointwise('Pow')(context, node, operands);
      // The shader of ONNX Runtime 1.30 does not compile where one operand is stretched and rows are multiples of four.
      const names = operands.map((x, i) => full(context, node.operands[i]!, x));
      return exact(node, context.model.add('Pow', names));
    },
    max: pointwise('Max'),
    less: pointwise('Less'),
    select: pointwise('Where'),

    broadcast: (_context, _node, [x]) => x,
    reshape: (context, node, [x]) =>
      exact(node, reshaped(context, full(context, node.operands[0], x), x.shape, node.type.shape)),
    transpose: ({ model }, { attributes: { order } }, [x]) => ({
      name: model.add('Transpose', [x.name], { perm: order }),
      shape: order.map((axis) => x.shape[axis]!),
    }),
    sum: (context, node, [x]) => {
      const { axes } = node.attributes;
      if (axes.length === 0) return x;
      const operand = fullAlong(context, node.operands[0], x, axes);
      return {
        name: sum(context, operand, axes),
        shape: operand.shape.filter((_, axis) => !axes.includes(axis)),
      };
    },
    slice: (context, node, [x]) => {
      const { axis, start, stop } = node.attributes;
      const { model } = context;
      const operand = fullAlong(context, node.operands[0], x, [axis]);
      return {
        name: model.add('Slice', [
          operand.name,
          model.integers([start]),
          model.integers([stop]),
          model.integers([axis]),
        ]),
        shape: operand.shape.map((dim, i) => (i === axis ? stop - start : dim)),
      };
    },
    pad: (context, node, [x]) => {
      const { axis, before, after } = node.attributes;
      const { model } = context;
      const operand = fullAlong(context, node.operands[0], x, [axis]);
      const at = (amount: number): number[] => operand.shape.map((_, i) => (i === axis ? amount : 0));
      return {
        name: model.add('Pad', [operand.name, model.integers([...at(before), ...at(after)])]),
        shape: operand.shape.map((dim, i) => (i === axis ? node.type.shape[axis]! : dim)),
      };
    },
    concat: (context, node, operands) => {
      const names = operands.map((x, i) => full(context, node.operands[i]!, x));
      return exact(node, context.model.add('Concat', names, { axis: node.attributes.axis }));
    },

    matmul: (context, node, [a, b]) => {
      const [left, right] = [full(context, node.operands[0], a), full(context, node.operands[1], b)];
      return exact(node, product(context, node, left, right));
    },
    polynomial: (context, node, operands) => polynomial(context, node, operands),
    gather: (context, node, [x]) =>
      exact(
        node,
        context.model.add('Gather', [full(context, node.operands[0], x), context.mapValues(node.attributes.map)], {
          axis: 0,
        }),
      ),
    segmentSum: (context, node, [x]) => {
      const rows = full(context, node.operands[0], x);
      const table = context.mapRows(node.attributes.map);
      return exact(node, table === null ? addedRows(context, node, rows) : summedRows(context, node, rows, table));
    },
  },
};

function exact(node: Node, name: string): Value {
  return { name, shape: node.type.shape };
}

/** An op of ONNX that stretches operands of size 1 itself. */
function pointwise<K extends OpName>(op: string): Lower<Context, Value, K> {
  return ({ model }, node, operands) => {
    const values = operands as readonly Value[];
    return {
      name: model.add(
        op,
        values.map(({ name }) => name),
      ),
      shape: node.type.shape.map((dim, axis) => (values.every(({ shape }) => shape[axis] === 1) ? 1 : dim)),
    };
  };
}

/**
 * A product of matrices, between a Flatten and a Reshape on purpose. Where they touch it, ONNX Runtime merges a MatMul with
 * a transposition, which then fails for zero rows, and with a factor, which it then keeps in float32.
 */
function product(context: Context, node: NodeOf<'matmul'>, left: string, right: string): string {
  const { model } = context;
  const rows = (name: string, { type }: Node): string => flatten(context, name, type.shape.length - 1);
  const turned = (name: string): string => model.add('Transpose', [name], { perm: [1, 0] });
  const [a, b] = node.operands;
  const inner = a.type.shape.at(-1)!;
  const leading = a.type.shape.slice(0, -1);
  const result = {
    nn: (): string => matMul(context, rows(left, a), right, leading, inner),
    nt: (): string => matMul(context, rows(left, a), turned(right), leading, inner),
    tn: (): string => {
      const [p, q] = [rows(left, a), rows(right, b)];
      if (!context.shaders) return model.add('MatMul', [turned(p), q]);
      const longer = (name: string, { type }: Node): string => withZeroRow(context, name, type.shape.slice(-1));
      return model.add('MatMul', [turned(longer(p, a)), longer(q, b)]);
    },
  }[node.attributes.form]();
  return reshapedTo(context, result, node.type.shape);
}

/** Zeros with every row added to its target, in the order of rows. */
function addedRows(context: Context, { attributes: { map }, type }: NodeOf<'segmentSum'>, rows: string): string {
  const { model } = context;
  const targets = context.mapValues(map);
  const indices = model.once(`indices ${targets}`, () => model.add('Unsqueeze', [targets, model.integers([1])]));
  return model.add('ScatterND', [zeros(context, type.shape), indices, rows], { reduction: 'add' });
}

/** The rows of each target side by side, summed; a row of zeros stands where a target has fewer. */
function summedRows(context: Context, { type }: NodeOf<'segmentSum'>, rows: string, table: string): string {
  const { model } = context;
  const longer = withZeroRow(context, rows, type.shape.slice(1));
  const beside = model.add('Gather', [longer, table], { axis: 0 });
  if (context.sameBits) return productWithOnes(context, beside, type.shape, table);
  return model.add('ReduceSum', [beside, model.integers([1])], { keepdims: 0 });
}

/** The sum over axis 1 of [targets most …], where a ReduceSum would add in an order that depends on the sizes. */
function productWithOnes(context: Context, beside: string, shape: Shape, table: string): string {
  const { model, real } = context;
  const ones = model.once(`ones ${table}`, () => {
    const row = model.add('Unsqueeze', [table, model.integers([1])]);
    return model.add('ConstantOfShape', [model.add('Shape', [row])], { value: model.realAttribute(real, 1) });
  });
  const matrices =
    shape.length === 2 ? beside : model.add('Reshape', [beside, model.integers([0, 0, fixedSize(shape.slice(1))])]);
  return reshapedTo(context, model.add('MatMul', [ones, matrices]), shape);
}

/** Rows of a shape, and one of zeros after them. */
function withZeroRow(context: Context, rows: string, shape: Shape): string {
  const { model } = context;
  return model.once(`with zero row ${rows}`, () =>
    model.add('Concat', [rows, zeros(context, [1, ...shape])], { axis: 0 }),
  );
}
