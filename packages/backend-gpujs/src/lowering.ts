/** op → kernels. Tables of functions of distance and named composites reach this file as other ops. */
import type { IndexMapValues, Lowerings } from '@mace/core/backend';
import type { IndexMap, Node } from '@mace/core/ir';
import type { Buffer, KernelSource } from './device.js';
import * as kernels from './kernels.js';
import { fits, packed, polynomialKernel } from './polynomial.js';
import { count, merged, rowMajorStrides, type Axis } from './strided.js';

/** A dense array, row-major. Masks hold 0 and 1. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly buffer: Buffer;
}

/** What lowerings need to know of the run. */
export interface Context {
  /** The value of an input or a parameter, or numbers that belong to this run. */
  input(name: string): Buffer;
  parameter(name: string): Buffer;
  numbers(values: readonly number[]): Buffer;
  /** A part of an index map; uploaded once per run. */
  map(map: IndexMap, part: keyof IndexMapValues): Buffer;
  /** Numbers that belong to a node whatever the inputs are; uploaded once. */
  kept(key: object, make: () => readonly (readonly number[])[]): readonly Buffer[];
  shapeOf(node: Node): readonly number[];
  run(kernel: KernelSource, size: number, operands: readonly (Buffer | number)[]): Buffer;
}

/** Arrays of a `concat` that are joined at once. */
const mostParts = 8;

export const lowerings: Lowerings<Context, Tensor> = {
  supports: (node) => node.op !== 'polynomial' || fits(node),
  ops: {
    input: (context, node) => ({ shape: context.shapeOf(node), buffer: context.input(node.attributes.name) }),
    parameter: (context, node) => ({ shape: context.shapeOf(node), buffer: context.parameter(node.attributes.name) }),
    constant: (context, node) => ({ shape: context.shapeOf(node), buffer: context.numbers(node.attributes.values) }),

    neg: pointwise('negative'),
    sqrt: pointwise('root'),
    exp: pointwise('exponential'),
    log: pointwise('logarithm'),
    sin: pointwise('sine'),
    cos: pointwise('cosine'),
    tanh: pointwise('hyperbolicTangent'),
    add: pointwise('plus'),
    sub: pointwise('minus'),
    mul: pointwise('times'),
    div: pointwise('ratio'),
    pow: pointwise('power'),
    max: pointwise('larger'),
    less: pointwise('lesser'),
    select: pointwise('chosen'),

    sum: (context, node, [x]) => {
      const { axes } = node.attributes;
      const all = axesOf(x.shape);
      const kept = merged(all.filter((_, axis) => !axes.includes(axis)));
      const gone = merged(all.filter((_, axis) => axes.includes(axis)));
      return result(context, node, kernels.summed(kept.length, gone.length), [x.buffer, ...flat(kept), ...flat(gone)]);
    },
    reshape: (context, node, [x]) => {
      x.buffer.holders++;
      return { shape: context.shapeOf(node), buffer: x.buffer };
    },
    transpose: (context, node, [x]) => {
      const axes = axesOf(x.shape);
      return walk(
        context,
        node,
        x,
        0,
        node.attributes.order.map((axis) => axes[axis]!),
      );
    },
    broadcast: (context, node, [x]) => {
      const strides = rowMajorStrides(x.shape);
      const axes = context
        .shapeOf(node)
        .map((size, axis) => ({ size, stride: x.shape[axis] === 1 ? 0 : strides[axis]! }));
      return walk(context, node, x, 0, axes);
    },
    slice: (context, node, [x]) => {
      const { axis, start, stop } = node.attributes;
      const axes = axesOf(x.shape);
      const cut = axes.map((one, i) => (i === axis ? { size: stop - start, stride: one.stride } : one));
      return walk(context, node, x, start * axes[axis]!.stride, cut);
    },
    pad: (context, node, [x]) => {
      const { axis, before, after } = node.attributes;
      const from = x.shape[axis]!;
      const inner = count(x.shape.slice(axis + 1));
      return result(context, node, kernels.padded, [x.buffer, inner, from, before + from + after, before]);
    },
    concat: (context, node, parts) => {
      const { axis } = node.attributes;
      const outer = count(parts[0]!.shape.slice(0, axis));
      const pieces = parts.map(({ shape, buffer }) => ({ width: count(shape.slice(axis)), buffer }));
      const { buffer } = join(context, outer, pieces);
      // A single part is itself.
      if (parts.length === 1) buffer.holders++;
      return { shape: context.shapeOf(node), buffer };
    },

    matmul: (context, node, [a, b]) => {
      const { form, group } = node.attributes;
      const inner = a.shape.at(-1)!;
      const columns = b.shape.at(form === 'nt' ? -2 : -1)!;
      const rows = count(group ? a.shape.slice(1, -1) : a.shape.slice(0, -1));
      if (form === 'tn' && group) {
        const [offsets, order] = [context.map(group, 'offsets'), context.map(group, 'order')];
        const operands = [a.buffer, b.buffer, offsets, order, rows, inner, columns];
        return result(context, node, kernels.outerProductsByGroup, operands);
      }
      if (form === 'tn')
        return result(context, node, kernels.outerProducts, [a.buffer, b.buffer, rows, inner, columns]);
      const strides = form === 'nt' ? [1, inner] : [columns, 1];
      if (group) {
        const operands = [a.buffer, b.buffer, context.map(group, 'values'), rows, columns, inner, ...strides];
        return result(context, node, kernels.multipliedByGroup, operands);
      }
      return result(context, node, kernels.multiplied, [a.buffer, b.buffer, columns, inner, ...strides]);
    },
    gather: (context, node, [x]) =>
      result(context, node, kernels.gathered, [
        x.buffer,
        context.map(node.attributes.map, 'values'),
        count(x.shape.slice(1)),
      ]),
    segmentSum: (context, node, [x]) => {
      const { map } = node.attributes;
      const width = count(x.shape.slice(1));
      return result(context, node, kernels.segmentSummed, [
        x.buffer,
        context.map(map, 'offsets'),
        context.map(map, 'order'),
        width,
      ]);
    },
    polynomial: (context, node, operands) => {
      const { table } = node.attributes;
      const shape = context.shapeOf(node);
      const arrays = context.kept(table, () => {
        const { starts, terms, factors } = packed(table);
        return [starts, terms, factors];
      });
      const steps = operands.flatMap(({ shape: [, components, channels] }) => [
        components! * channels!,
        channels!,
        channels === 1 ? 0 : 1,
      ]);
      return result(context, node, polynomialKernel(operands.length), [
        ...arrays,
        ...operands.map(({ buffer }) => buffer),
        shape[1]!,
        shape[2]!,
        ...steps,
      ]);
    },
  },
};

function pointwise(name: string) {
  return (context: Context, node: Node, operands: readonly Tensor[]): Tensor =>
    result(
      context,
      node,
      kernels.pointwise(name, operands.length as 1 | 2 | 3),
      operands.map(({ buffer }) => buffer),
    );
}

function result(context: Context, node: Node, kernel: KernelSource, operands: readonly (Buffer | number)[]): Tensor {
  const shape = context.shapeOf(node);
  return { shape, buffer: context.run(kernel, count(shape), operands) };
}

function walk(context: Context, node: Node, x: Tensor, start: number, axes: readonly Axis[]): Tensor {
  const few = merged(axes);
  return result(context, node, kernels.strided(few.length), [x.buffer, start, ...flat(few)]);
}

function axesOf(shape: readonly number[]): Axis[] {
  const strides = rowMajorStrides(shape);
  return shape.map((size, axis) => ({ size, stride: strides[axis]! }));
}

function flat(axes: readonly Axis[]): number[] {
  return axes.flatMap(({ size, stride }) => [size, stride]);
}

interface Piece {
  readonly width: number;
  readonly buffer: Buffer;
}

/** Pieces side by side in each of `outer` rows, a few at a time. */
function join(context: Context, outer: number, pieces: readonly Piece[]): Piece {
  if (pieces.length === 1) return pieces[0]!;
  const some = pieces.slice(0, mostParts);
  const widths = some.map(({ width }) => width);
  const width = widths.reduce((total, one) => total + one, 0);
  const operands = [...some.map(({ buffer }) => buffer), width, ...widths];
  const buffer = context.run(kernels.joined(some.length), outer * width, operands);
  return join(context, outer, [{ width, buffer }, ...pieces.slice(mostParts)]);
}
