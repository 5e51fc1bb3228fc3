/** Ops that move elements, and the sum over axes. */
import type { RealArray } from '../../backend/contract.js';
import { rowMajorStrides } from '../../ir/constant-values.js';
import { count, type Arithmetic, type Value } from './value.js';

/** Numbers that are copied at once sooner than one by one. */
const longRow = 32;

export function layoutKernels({ round, allocate, dense }: Arithmetic) {
  /** Σ over `axes`, in row-major order of the operand. */
  function sum(x: Value, axes: readonly number[]): Value {
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    const out = allocate(count(shape));
    const source = dense(x);
    const strides = new Array<number>(x.shape.length).fill(0);
    let stride = 1;
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      if (axes.includes(axis)) continue;
      strides[axis] = stride;
      stride *= x.shape[axis]!;
    }
    walkRows(x.shape, strides, (from, to, length, step) => {
      if (step === 0) {
        let total = out[to]!;
        for (let i = 0; i < length; i++) total = round(total + source[from + i]!);
        out[to] = total;
      } else for (let i = 0; i < length; i++) out[to + i]! += source[from + i]!;
    });
    return { shape, data: out, uniform: false };
  }

  function reshape(x: Value, shape: readonly number[]): Value {
    return { shape, data: x.data, uniform: x.uniform };
  }

  function broadcast(x: Value, shape: readonly number[]): Value {
    if (x.uniform || x.data.length === 1) return { shape, data: x.data, uniform: true };
    const strides = rowMajorStrides(x.shape).map((stride, axis) =>
      x.shape[axis] === 1 && shape[axis] !== 1 ? 0 : stride,
    );
    return strided(x.data, shape, strides);
  }

  function transpose(x: Value, order: readonly number[]): Value {
    const shape = order.map((axis) => x.shape[axis]!);
    if (x.uniform) return { shape, data: x.data, uniform: true };
    const strides = rowMajorStrides(x.shape);
    return strided(
      x.data,
      shape,
      order.map((axis) => strides[axis]!),
    );
  }

  function slice(x: Value, axis: number, start: number, stop: number): Value {
    const shape = x.shape.map((dim, i) => (i === axis ? stop - start : dim));
    if (x.uniform) return { shape, data: x.data, uniform: true };
    const inner = count(x.shape.slice(axis + 1));
    const outer = count(x.shape.slice(0, axis));
    const out = allocate(count(shape));
    const width = (stop - start) * inner;
    for (let i = 0; i < outer; i++) {
      const from = (i * x.shape[axis]! + start) * inner;
      out.set(x.data.subarray(from, from + width), i * width);
    }
    return { shape, data: out, uniform: false };
  }

  function pad(x: Value, axis: number, before: number, after: number): Value {
    const shape = x.shape.map((dim, i) => (i === axis ? before + dim + after : dim));
    const out = allocate(count(shape));
    place(x, axis, before, shape, out);
    return { shape, data: out, uniform: false };
  }

  function concat(parts: readonly Value[], axis: number): Value {
    const size = parts.reduce((total, part) => total + part.shape[axis]!, 0);
    const shape = parts[0]!.shape.map((dim, i) => (i === axis ? size : dim));
    const out = allocate(count(shape));
    let start = 0;
    for (const part of parts) {
      place(part, axis, start, shape, out);
      start += part.shape[axis]!;
    }
    return { shape, data: out, uniform: false };
  }

  function strided(source: RealArray, shape: readonly number[], strides: readonly number[]): Value {
    const out = allocate(count(shape));
    walkRows(shape, strides, (to, from, length, step) => {
      if (step === 1 && length > longRow) out.set(source.subarray(from, from + length), to);
      else for (let i = 0; i < length; i++) out[to + i] = source[from + i * step]!;
    });
    return { shape, data: out, uniform: false };
  }

  function place(part: Value, axis: number, start: number, shape: readonly number[], out: RealArray): void {
    const inner = count(shape.slice(axis + 1));
    const outer = count(shape.slice(0, axis));
    const width = part.shape[axis]! * inner;
    for (let i = 0; i < outer; i++) {
      const to = (i * shape[axis]! + start) * inner;
      if (part.uniform) out.fill(part.data[0]!, to, to + width);
      else out.set(part.data.subarray(i * width, (i + 1) * width), to);
    }
  }

  return { sum, reshape, broadcast, transpose, slice, pad, concat };
}

/** Visits the rows along the last axis: (row-major position, strided position, length, stride along the row). */
function walkRows(
  shape: readonly number[],
  strides: readonly number[],
  visit: (position: number, strided: number, length: number, step: number) => void,
): void {
  const rank = shape.length;
  if (count(shape) === 0) return;
  if (rank === 0) return visit(0, 0, 1, 0);
  const length = shape[rank - 1]!;
  const step = strides[rank - 1]!;
  const index = new Array<number>(rank - 1).fill(0);
  let position = 0;
  let at = 0;
  for (;;) {
    visit(position, at, length, step);
    position += length;
    let axis = rank - 2;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      at += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
