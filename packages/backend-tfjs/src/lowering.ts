/**
 * op → calls of TensorFlow.js. Each runs in a scope of its own, so that what it makes on the way is gone when it returns.
 * Empty values never reach an engine: some of them stumble over arrays of size zero.
 */
import type { Lowerings, RealArray } from '@mace/core/backend';
import type { Node, NodeOf } from '@mace/core/ir';
import type { Context } from './context.js';
import { cosine, exponential, logarithm, power, sine, tangent } from './elementary.js';
import type { Engine } from './engine.js';
import { commonShape, full, joined, mergedShapes, padded, repeated, sliced, summed, transposed } from './layout.js';
import { product } from './matmul.js';
import { rowSums, rowsOf } from './rows.js';
import { count, type Tensor, type Tf, type Value } from './tensors.js';

type Pointwise = (engine: Engine, x: Tensor) => Tensor;
type Pair = (tf: Tf, a: Tensor, b: Tensor) => Tensor;

export const lowerings: Lowerings<Context, Value> = {
  // Products with a matrix per group of rows are made of plain ones.
  supports: (node) => node.op !== 'matmul' || node.attributes.group === undefined,
  ops: {
    input: (context, node) => made(context, node, () => inputOf(context, node)),
    parameter: (context, node) => ({
      tensor: context.parameter(node.attributes.name),
      shape: context.shapeOf(node),
    }),
    constant: (context, node) => constantOf(context, node),

    neg: (context, node, [x]) => each(context, node, x, ({ tf }, t) => tf.neg(t)),
    sqrt: (context, node, [x]) => each(context, node, x, ({ tf }, t) => tf.sqrt(t)),
    exp: (context, node, [x]) => each(context, node, x, exponential),
    log: (context, node, [x]) => each(context, node, x, logarithm),
    sin: (context, node, [x]) => each(context, node, x, sine),
    cos: (context, node, [x]) => each(context, node, x, cosine),
    tanh: (context, node, [x]) => each(context, node, x, tangent),
    add: (context, node, [a, b]) => eachPair(context, node, a, b, (tf, p, q) => tf.add(p, q)),
    sub: (context, node, [a, b]) => eachPair(context, node, a, b, (tf, p, q) => tf.sub(p, q)),
    mul: (context, node, [a, b]) => eachPair(context, node, a, b, (tf, p, q) => tf.mul(p, q)),
    div: (context, node, [a, b]) => eachPair(context, node, a, b, (tf, p, q) => tf.div(p, q)),
    max: (context, node, [a, b]) => eachPair(context, node, a, b, (tf, p, q) => tf.maximum(p, q), true),
    less: (context, node, [a, b]) => eachPair(context, node, a, b, (tf, p, q) => tf.less(p, q), true),
    pow: (context, node, [a, b]) => {
      const exponent = uniformConstant(node.operands[1]);
      return eachPair(context, node, a, b, (_, p, q) => power(context.engine, p, q, exponent));
    },
    select: (context, node, [mask, a, b]) =>
      made(context, node, ({ tf }) => {
        const common = commonShape([mask.tensor.shape, a.tensor.shape, b.tensor.shape]);
        const [m, p, q] = [mask, a, b].map(({ tensor }) => tf.reshape(repeated(tf, tensor, common), [-1]));
        return tf.reshape(tf.where(m!, p!, q!), common);
      }),

    reshape: (context, node, [x]) =>
      made(context, node, ({ tf }, shape) =>
        x.tensor.size === 1
          ? tf.reshape(
              x.tensor,
              shape.map(() => 1),
            )
          : tf.reshape(full(tf, x), [...shape]),
      ),
    // What repeats is not written out: see Value.
    broadcast: (context, node, [x]) => made(context, node, ({ tf }) => tf.clone(x.tensor)),
    transpose: (context, node, [x]) => made(context, node, ({ tf }) => transposed(tf, x.tensor, node.attributes.order)),
    slice: (context, node, [x]) => {
      const { axis, start, stop } = node.attributes;
      return made(context, node, ({ tf }) =>
        x.tensor.shape[axis] === 1 ? tf.clone(x.tensor) : sliced(tf, x.tensor, axis, start, stop),
      );
    },
    pad: (context, node, [x]) => {
      const { axis, before, after } = node.attributes;
      return made(context, node, ({ tf }, shape) =>
        count(x.shape) === 0 ? tf.zeros([...shape]) : padded(tf, full(tf, x), axis, before, after),
      );
    },
    concat: (context, node, operands) =>
      made(context, node, ({ tf }) => {
        const parts = operands.filter(({ shape }) => count(shape) > 0).map((part) => full(tf, part));
        return joined(tf, parts, node.attributes.axis);
      }),
    sum: (context, node, [x]) =>
      made(context, node, ({ tf }, shape) => {
        if (count(x.shape) === 0) return tf.zeros([...shape]);
        const { axes } = node.attributes;
        const times = axes.reduce((n, axis) => (x.tensor.shape[axis] === 1 ? n * x.shape[axis]! : n), 1);
        const total = summed(tf, x.tensor, axes);
        return times === 1 ? total : tf.mul(total, times);
      }),

    matmul: (context, node, [a, b]) =>
      made(context, node, ({ tf, name }, shape) =>
        count(a.shape) === 0
          ? tf.zeros([...shape])
          : tf.reshape(product(tf, name, full(tf, a), full(tf, b), node.attributes.form), [...shape]),
      ),
    gather: (context, node, [x]) => made(context, node, () => rowsOf(context, x, node.attributes.map.name)),
    segmentSum: (context, node, [x]) =>
      made(context, node, ({ tf }, shape) =>
        count(x.shape) === 0
          ? tf.zeros([...shape])
          : tf.reshape(rowSums(context, full(tf, x), node.attributes.map.name), [...shape]),
      ),
  },
};

/** The value of a node: zeros of its type where it is empty, otherwise what `make` makes in a scope of its own. */
function made(context: Context, node: Node, make: (engine: Engine, shape: readonly number[]) => Tensor): Value {
  const { engine } = context;
  const { tf } = engine;
  const shape = context.shapeOf(node);
  if (count(shape) === 0)
    return { shape, tensor: tf.zeros([...shape], node.type.kind === 'mask' ? 'bool' : 'float32') };
  return { shape, tensor: tf.tidy(() => make(engine, shape)) };
}

function each(context: Context, node: Node, x: Value, apply: Pointwise): Value {
  return made(context, node, (engine) => apply(engine, x.tensor));
}

/** @param plain - whether the engine wasm needs operands of one shape for this op */
function eachPair(context: Context, node: Node, a: Value, b: Value, apply: Pair, plain = false): Value {
  return made(context, node, ({ tf, name }) => {
    const shapes = [a.tensor.shape, b.tensor.shape];
    const common = commonShape(shapes);
    const written = plain && name === 'wasm';
    const [p, q] = [a, b].map(({ tensor }) => (written ? repeated(tf, tensor, common) : tensor));
    if (common.length <= 4) return apply(tf, p!, q!);
    const [first = [], second = []] = mergedShapes([p!.shape, q!.shape], common);
    return tf.reshape(apply(tf, tf.reshape(p!, first), tf.reshape(q!, second)), common);
  });
}

function inputOf(context: Context, node: NodeOf<'input'>): Tensor {
  const { tf } = context.engine;
  const given = context.input(node.attributes.name);
  const shape = [...context.shapeOf(node)];
  const mask = node.type.kind === 'mask';
  if (!ArrayBuffer.isView(given)) return tf.cast(tf.reshape(given, shape), mask ? 'bool' : 'float32');
  // Copied: an engine may keep the array, and it is the caller's.
  return mask
    ? tf.tensor(Uint8Array.from(given as RealArray), shape, 'bool')
    : tf.tensor(Float32Array.from(given as RealArray), shape, 'float32');
}

function constantOf(context: Context, node: NodeOf<'constant'>): Value {
  const { values } = node.attributes;
  const mask = node.type.kind === 'mask';
  return made(context, node, ({ tf }, shape) => {
    const uniform = values.every((value) => value === values[0]);
    const own = uniform ? shape.map(() => 1) : [...shape];
    const numbers = uniform ? values.slice(0, 1) : values;
    return mask
      ? tf.tensor(Uint8Array.from(numbers), own, 'bool')
      : tf.tensor(Float32Array.from(numbers), own, 'float32');
  });
}

/** The number that every element of a node is, where that shows in the graph. */
function uniformConstant(node: Node): number | undefined {
  if (node.op === 'broadcast' || node.op === 'reshape') return uniformConstant(node.operands[0]);
  if (node.op !== 'constant') return undefined;
  const [first, ...others] = node.attributes.values;
  return others.every((value) => value === first) ? first : undefined;
}
