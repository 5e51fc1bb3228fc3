/** Sizes that are known only when a graph runs: a number times some of `atoms`, `edges`, `graphs`. */
import type { Dim, RuntimeDim } from '@mace/core/ir';
import { i32, type Expression } from '../encoder/expressions.js';
import type { KernelCode } from './kernel-set.js';

export interface Size {
  readonly factor: number;
  readonly dims: readonly RuntimeDim[];
}

/** The product of dimensions. */
export function sizeOfDims(shape: readonly Dim[]): Size {
  return {
    factor: shape.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1),
    dims: shape.filter((dim): dim is RuntimeDim => typeof dim === 'string').sort(),
  };
}

export function fixed(factor: number): Size {
  return { factor, dims: [] };
}

export function product(a: Size, b: Size): Size {
  return { factor: a.factor * b.factor, dims: [...a.dims, ...b.dims].sort() };
}

export function sameSize(a: Size, b: Size): boolean {
  return a.factor === b.factor && (a.factor === 0 || a.dims.join(' ') === b.dims.join(' '));
}

export function isFixed(size: Size): boolean {
  return size.dims.length === 0 || size.factor === 0;
}

export function valueOf(size: Size, dims: Readonly<Record<RuntimeDim, number>>): number {
  return size.dims.reduce((total, dim) => total * dims[dim], size.factor);
}

/** The size times `times`, as code. */
export function sizeExpression({ sizes }: KernelCode, size: Size, times = 1): Expression {
  return size.dims.reduce<Expression>((total, dim) => i32.mul(total, sizes[dim]), i32.of(size.factor * times));
}

/** Distance in numbers between neighbors along each axis of a dense array. */
export function denseStrides(shape: readonly Dim[]): Size[] {
  return shape.map((_, axis) => sizeOfDims(shape.slice(axis + 1)));
}
