/** Shapes as tensors, and ops that change nothing else. */
import { sameShape, type Node, type Shape } from '@mace/core/ir';
import type { Context, Value } from './context.js';

type Sizes = Pick<Context, 'model' | 'rowsOf'>;

/** int64 [rank]: a shape as a tensor. */
export function shapeTensor(sizes: Sizes, shape: Shape): string {
  const { model } = sizes;
  if (shape.every((dim) => typeof dim === 'number')) return model.integers(shape);
  if (shape.length === 1) return sizes.rowsOf(shape[0]!);
  return model.once(`shape ${shape.join(' ')}`, () => {
    const parts: (string | number[])[] = [];
    for (const dim of shape) {
      const last = parts.at(-1);
      if (typeof dim === 'string') parts.push(sizes.rowsOf(dim));
      else if (Array.isArray(last)) last.push(dim);
      else parts.push([dim]);
    }
    return model.add(
      'Concat',
      parts.map((part) => (typeof part === 'string' ? part : model.integers(part))),
      { axis: 0 },
    );
  });
}

/** Fixed sizes may be split and merged; runtime ones keep their order. */
export function reshaped(sizes: Sizes, name: string, from: Shape, to: Shape): string {
  return sameShape(from, to) ? name : reshapedTo(sizes, name, to);
}

/** A tensor in a shape that holds as many numbers. */
export function reshapedTo(sizes: Sizes, name: string, to: Shape): string {
  const { model } = sizes;
  const runtime = to.filter((dim) => typeof dim === 'string');
  // One unknown size follows from the others, unless they are zero.
  if (runtime.length === 1 && !to.includes(0))
    return model.add('Reshape', [name, model.integers(to.map((dim) => (typeof dim === 'number' ? dim : -1)))]);
  return model.add('Reshape', [name, shapeTensor(sizes, to)], { allowzero: 1 });
}

/** A matrix: the axes before `axis` are its rows, the others its columns. Right for sizes of zero, unlike a Reshape. */
export function flatten({ model }: Sizes, name: string, axis: number): string {
  return model.add('Flatten', [name], { axis });
}

/** Real zeros, made once for each shape. */
export function zeros(context: Context, shape: Shape): string {
  const { model, real } = context;
  return model.once(`zeros ${shape.join(' ')}`, () =>
    model.add('ConstantOfShape', [shapeTensor(context, shape)], { value: model.realAttribute(real, 0) }),
  );
}

/** The tensor of a node with every promised broadcast made. */
export function full(context: Context, node: Node, value: Value): string {
  return fullAlong(
    context,
    node,
    value,
    node.type.shape.map((_, axis) => axis),
  ).name;
}

/** A value that is as large as its type along `axes`. */
export function fullAlong(context: Context, node: Node, value: Value, axes: readonly number[]): Value {
  const shape = value.shape.map((dim, axis) => (axes.includes(axis) ? node.type.shape[axis]! : dim));
  if (sameShape(shape, value.shape)) return value;
  const { model } = context;
  const key = `expanded ${value.name} to ${shape.join(' ')}`;
  return { name: model.once(key, () => model.add('Expand', [value.name, shapeTensor(context, shape)])), shape };
}
