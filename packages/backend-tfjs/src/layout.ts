/**
 * Moving numbers without caring for ranks: neighboring axes that move together are merged first, because several engines
 * stop at four or six axes, and all are faster with few. Masks move as numbers, because few kernels take booleans.
 */
import { count, type Tensor, type Tf, type Value } from './tensors.js';

/** The tensor of a value with every repetition written out: the tensor itself where nothing repeats. */
export function full(tf: Tf, { tensor, shape }: Value): Tensor {
  return repeated(tf, tensor, shape);
}

/** Repeats the axes of size 1 up to `shape`. */
export function repeated(tf: Tf, tensor: Tensor, shape: readonly number[]): Tensor {
  if (sameSizes(tensor.shape, shape)) return tensor;
  const [merged = []] = mergedShapes([tensor.shape], shape);
  const [wanted = []] = mergedShapes([shape], shape, [tensor.shape]);
  const reps = merged.map((size, axis) => wanted[axis]! / size);
  return asNumbers(tf, tensor, (x) => tf.reshape(tf.tile(tf.reshape(x, merged), reps), [...shape]));
}

/** The shape of two or more tensors of one rank that repeat each other's axes. */
export function commonShape(shapes: readonly (readonly number[])[]): number[] {
  return shapes[0]!.map((_, axis) => Math.max(...shapes.map((shape) => shape[axis]!)));
}

/**
 * Shapes of operands with as few axes as possible: axes that each operand either has or repeats, as its neighbor, are merged.
 *
 * @param others - shapes that decide with them, and are not returned
 */
export function mergedShapes(
  shapes: readonly (readonly number[])[],
  common: readonly number[],
  others: readonly (readonly number[])[] = [],
): number[][] {
  const merged: number[][] = shapes.map(() => []);
  let last = '';
  common.forEach((size, axis) => {
    if (size === 1) return;
    const pattern = [...shapes, ...others].map((shape) => (shape[axis] === 1 ? 1 : 0)).join('');
    shapes.forEach((shape, i) => {
      const own = merged[i]!;
      if (pattern === last) own[own.length - 1]! *= shape[axis]!;
      else own.push(shape[axis]!);
    });
    last = pattern;
  });
  return merged;
}

/** Axis i of the result is axis `order[i]`. */
export function transposed(tf: Tf, tensor: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => tensor.shape[axis]!);
  // Runs of axes that stay neighbors; axes of size 1 are nowhere.
  const runs: number[][] = [];
  let previous: number | undefined;
  const real = tensor.shape.map((_, axis) => axis).filter((axis) => tensor.shape[axis] !== 1);
  for (const axis of order.filter((one) => tensor.shape[one] !== 1)) {
    if (previous !== undefined && real.indexOf(axis) === real.indexOf(previous) + 1) runs[runs.length - 1]!.push(axis);
    else runs.push([axis]);
    previous = axis;
  }
  if (runs.length < 2) return tf.reshape(tensor, shape);
  const before = [...runs].sort((a, b) => a[0]! - b[0]!);
  const sizes = before.map((run) => run.reduce((size, axis) => size * tensor.shape[axis]!, 1));
  const moved = runs.map((run) => before.indexOf(run));
  return asNumbers(tf, tensor, (x) => tf.reshape(tf.transpose(tf.reshape(x, sizes), moved), shape));
}

/** Positions `start` to `stop` of an axis. */
export function sliced(tf: Tf, tensor: Tensor, axis: number, start: number, stop: number): Tensor {
  const { shape } = tensor;
  const [outer, inner] = [count(shape.slice(0, axis)), count(shape.slice(axis + 1))];
  const result = shape.map((dim, i) => (i === axis ? stop - start : dim));
  return asNumbers(tf, tensor, (x) => {
    const flat = tf.reshape(x, [outer, shape[axis]! * inner]);
    return tf.reshape(tf.slice(flat, [0, start * inner], [outer, (stop - start) * inner]), result);
  });
}

/** Zeros before and after an axis. */
export function padded(tf: Tf, tensor: Tensor, axis: number, before: number, after: number): Tensor {
  const { shape } = tensor;
  const [outer, inner] = [count(shape.slice(0, axis)), count(shape.slice(axis + 1))];
  const flat = tf.reshape(tensor, [outer, shape[axis]! * inner]);
  const paddings: [number, number][] = [
    [0, 0],
    [before * inner, after * inner],
  ];
  const result = shape.map((dim, i) => (i === axis ? before + dim + after : dim));
  return tf.reshape(tf.pad(flat, paddings), result);
}

/** One after the other along an axis; none of them is empty. */
export function joined(tf: Tf, tensors: readonly Tensor[], axis: number): Tensor {
  const first = tensors[0]!;
  const outer = count(first.shape.slice(0, axis));
  const flat = tensors.map((tensor) => {
    const numbers = tensor.dtype === 'bool' ? tf.cast(tensor, 'float32') : tensor;
    return tf.reshape(numbers, [outer, tensor.size / outer]);
  });
  const size = tensors.reduce((total, { shape }) => total + shape[axis]!, 0);
  const all = tf.reshape(
    tf.concat(flat, 1),
    first.shape.map((dim, i) => (i === axis ? size : dim)),
  );
  return first.dtype === 'bool' ? tf.cast(all, 'bool') : all;
}

/** Σ over ascending axes, which disappear. */
export function summed(tf: Tf, tensor: Tensor, axes: readonly number[]): Tensor {
  const sizes: number[] = [];
  const gone: number[] = [];
  let last: boolean | undefined;
  tensor.shape.forEach((size, axis) => {
    if (size === 1) return;
    const goes = axes.includes(axis);
    if (goes === last) sizes[sizes.length - 1]! *= size;
    else {
      sizes.push(size);
      if (goes) gone.push(sizes.length - 1);
    }
    last = goes;
  });
  const flat = tf.reshape(tensor, sizes);
  const shape = tensor.shape.filter((_, axis) => !axes.includes(axis));
  return tf.reshape(gone.length > 0 ? tf.sum(flat, gone) : flat, shape);
}

/** Moves a mask as numbers. */
export function asNumbers(tf: Tf, tensor: Tensor, move: (x: Tensor) => Tensor): Tensor {
  return tensor.dtype === 'bool' ? tf.cast(move(tf.cast(tensor, 'float32')), 'bool') : move(tensor);
}

function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
