/**
 * The definition of every op, in plain loops, once for both precisions.
 *
 * `round` is applied after every elementary operation: the identity for float64, `Math.fround` for float32.
 * A value with one element that stands for all (`uniform`) keeps broadcast scalars from filling memory.
 */
import type { IndexMapValues, RealArray } from '../backend/contract.js';
import { rowMajorStrides } from '../ir/constant-values.js';
import type { MatmulForm } from '../ir/types.js';
import { unaryFunctions, type UnaryName } from '../ir/unary-functions.js';
import type { CompiledTable } from './compiled-table.js';

export interface Value {
  readonly shape: readonly number[];
  /** One element when `uniform`, else row-major. Masks hold 0 and 1. */
  readonly data: RealArray;
  readonly uniform: boolean;
}

export type PairName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'less';

/** Number of elements of a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

export type Kernels = ReturnType<typeof makeKernels>;

export function makeKernels(precision: 'f64' | 'f32') {
  const round: (x: number) => number = precision === 'f32' ? Math.fround : (x) => x;
  const allocate = (size: number): RealArray => (precision === 'f32' ? new Float32Array(size) : new Float64Array(size));

  function dense(value: Value): RealArray {
    return value.uniform ? allocate(count(value.shape)).fill(value.data[0]!) : value.data;
  }

  function unary(name: UnaryName, x: Value): Value {
    const apply = unaryFunctions[name];
    const out = allocate(x.data.length);
    for (let i = 0; i < out.length; i++) out[i] = apply(x.data[i]!);
    return { shape: x.shape, data: out, uniform: x.uniform };
  }

  function pair(name: PairName, x: Value, y: Value): Value {
    const uniform = x.uniform && y.uniform;
    const out = allocate(uniform ? 1 : count(x.shape));
    const a = x.data;
    const b = y.data;
    const p = x.uniform ? 0 : 1;
    const q = y.uniform ? 0 : 1;
    const n = out.length;
    switch (name) {
      case 'add':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! + b[i * q]!;
        break;
      case 'sub':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! - b[i * q]!;
        break;
      case 'mul':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! * b[i * q]!;
        break;
      case 'div':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! / b[i * q]!;
        break;
      case 'pow':
        for (let i = 0; i < n; i++) out[i] = Math.pow(a[i * p]!, b[i * q]!);
        break;
      case 'max':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! < b[i * q]! ? b[i * q]! : a[i * p]!;
        break;
      case 'less':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! < b[i * q]! ? 1 : 0;
        break;
    }
    return { shape: x.shape, data: out, uniform };
  }

  function select(mask: Value, x: Value, y: Value): Value {
    if (mask.uniform) return mask.data[0] ? x : y;
    const out = allocate(count(mask.shape));
    const p = x.uniform ? 0 : 1;
    const q = y.uniform ? 0 : 1;
    for (let i = 0; i < out.length; i++) out[i] = mask.data[i] ? x.data[i * p]! : y.data[i * q]!;
    return { shape: mask.shape, data: out, uniform: false };
  }

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
    return strided(x.data, shape, strides, 0);
  }

  function transpose(x: Value, order: readonly number[]): Value {
    const shape = order.map((axis) => x.shape[axis]!);
    if (x.uniform) return { shape, data: x.data, uniform: true };
    const strides = rowMajorStrides(x.shape);
    return strided(
      x.data,
      shape,
      order.map((axis) => strides[axis]!),
      0,
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

  /** a[R, K]·b; with `group` the matrix of row r is number group.values[r / rowsPerEntry]. */
  function matmul(
    x: Value,
    y: Value,
    form: MatmulForm,
    group: IndexMapValues | undefined,
    shape: readonly number[],
  ): Value {
    const a = dense(x);
    const inner = x.shape[x.shape.length - 1]!;
    const rows = count(x.shape.slice(0, -1));
    const rowsPerEntry = group ? count(x.shape.slice(1, -1)) : 1;
    const columns = form === 'tn' ? y.shape[y.shape.length - 1]! : shape[shape.length - 1]!;
    const out = allocate(count(shape));
    const matrixOf = (row: number): number =>
      group ? group.values[Math.floor(row / rowsPerEntry)]! * inner * columns : 0;
    if (form === 'tn') {
      const b = dense(y);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < inner; k++) {
          const factor = a[row * inner + k]!;
          const to = matrixOf(row) + k * columns;
          for (let n = 0; n < columns; n++) out[to + n]! += round(factor * b[row * columns + n]!);
        }
      }
    } else {
      const b = form === 'nt' ? transposedMatrices(dense(y), columns, inner) : dense(y);
      for (let row = 0; row < rows; row++)
        addRowTimesMatrix(a, row * inner, inner, b, matrixOf(row), out, row * columns, columns);
    }
    return { shape, data: out, uniform: false };
  }

  /** Each matrix [rows, columns] of a stack as [columns, rows]. */
  function transposedMatrices(b: RealArray, rows: number, columns: number): RealArray {
    const out = allocate(b.length);
    for (let matrix = 0; matrix < b.length; matrix += rows * columns) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) out[matrix + c * rows + r] = b[matrix + r * columns + c]!;
      }
    }
    return out;
  }

  function addRowTimesMatrix(
    a: RealArray,
    from: number,
    inner: number,
    b: RealArray,
    matrix: number,
    out: RealArray,
    to: number,
    columns: number,
  ): void {
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const a0 = a[from + k]!;
      const a1 = a[from + k + 1]!;
      const a2 = a[from + k + 2]!;
      const a3 = a[from + k + 3]!;
      const b0 = matrix + k * columns;
      const b1 = b0 + columns;
      const b2 = b1 + columns;
      const b3 = b2 + columns;
      for (let n = 0; n < columns; n++) {
        let total = round(out[to + n]! + round(a0 * b[b0 + n]!));
        total = round(total + round(a1 * b[b1 + n]!));
        total = round(total + round(a2 * b[b2 + n]!));
        out[to + n] = total + round(a3 * b[b3 + n]!);
      }
    }
    for (; k < inner; k++) {
      const factor = a[from + k]!;
      const row = matrix + k * columns;
      for (let n = 0; n < columns; n++) out[to + n]! += round(factor * b[row + n]!);
    }
  }

  function gather(x: Value, map: IndexMapValues): Value {
    const width = count(x.shape.slice(1));
    const shape = [map.values.length, ...x.shape.slice(1)];
    if (x.uniform) return { shape, data: x.data, uniform: true };
    const out = allocate(map.values.length * width);
    for (let row = 0; row < map.values.length; row++) {
      const from = map.values[row]! * width;
      const to = row * width;
      for (let i = 0; i < width; i++) out[to + i] = x.data[from + i]!;
    }
    return { shape, data: out, uniform: false };
  }

  function segmentSum(x: Value, map: IndexMapValues): Value {
    const width = count(x.shape.slice(1));
    const targets = map.offsets.length - 1;
    const source = dense(x);
    const out = allocate(targets * width);
    for (let target = 0; target < targets; target++) {
      const to = target * width;
      for (let position = map.offsets[target]!; position < map.offsets[target + 1]!; position++) {
        const from = map.order[position]! * width;
        for (let i = 0; i < width; i++) out[to + i]! += source[from + i]!;
      }
    }
    return { shape: [targets, ...x.shape.slice(1)], data: out, uniform: false };
  }

  /** Σ over groups of (a number) · Π channel vectors; see {@link CompiledTable}. */
  function polynomial(operands: readonly Value[], table: CompiledTable, shape: readonly number[]): Value {
    const [rows, outputs, channels] = shape as [number, number, number];
    const out = allocate(rows * outputs * channels);
    const sources = operands.map(dense);
    const widths = operands.map((x) => x.shape[1]! * x.shape[2]!);
    const groups = table.out.length;
    for (let row = 0; row < rows; row++) {
      for (let g = 0; g < groups; g++) {
        const weight = scalarSum(table, g, sources, widths, row);
        const to = (row * outputs + table.out[g]!) * channels;
        addProduct(table, g, sources, widths, row, weight, out, to, channels);
      }
    }
    return { shape, data: out, uniform: false };
  }

  function scalarSum(
    table: CompiledTable,
    group: number,
    sources: readonly RealArray[],
    widths: readonly number[],
    row: number,
  ): number {
    let total = 0;
    for (let t = table.termStart[group]!; t < table.termStart[group + 1]!; t++) {
      let product = round(table.coefficient[t]!);
      for (let f = table.scalarStart[t]!; f < table.scalarStart[t + 1]!; f++) {
        const k = table.scalarOperand[f]!;
        product = round(product * sources[k]![row * widths[k]! + table.scalarComponent[f]!]!);
      }
      total = round(total + product);
    }
    return total;
  }

  function addProduct(
    table: CompiledTable,
    group: number,
    sources: readonly RealArray[],
    widths: readonly number[],
    row: number,
    weight: number,
    out: RealArray,
    to: number,
    channels: number,
  ): void {
    const first = table.vectorStart[group]!;
    const degree = table.vectorStart[group + 1]! - first;
    const source = (f: number): RealArray => sources[table.vectorOperand[f]!]!;
    const start = (f: number): number => row * widths[table.vectorOperand[f]!]! + table.vectorComponent[f]! * channels;
    if (degree === 0) {
      for (let i = 0; i < channels; i++) out[to + i]! += weight;
      return;
    }
    const x = source(first);
    const atX = start(first);
    if (degree === 1) {
      for (let i = 0; i < channels; i++) out[to + i]! += round(weight * x[atX + i]!);
      return;
    }
    const y = source(first + 1);
    const atY = start(first + 1);
    if (degree === 2) {
      for (let i = 0; i < channels; i++) out[to + i]! += round(round(weight * x[atX + i]!) * y[atY + i]!);
      return;
    }
    const z = source(first + 2);
    const atZ = start(first + 2);
    if (degree === 3) {
      for (let i = 0; i < channels; i++)
        out[to + i]! += round(round(round(weight * x[atX + i]!) * y[atY + i]!) * z[atZ + i]!);
      return;
    }
    for (let i = 0; i < channels; i++) {
      let product = round(round(round(weight * x[atX + i]!) * y[atY + i]!) * z[atZ + i]!);
      for (let f = first + 3; f < first + degree; f++) product = round(product * source(f)[start(f) + i]!);
      out[to + i]! += product;
    }
  }

  /** Cubic Hermite interpolation (order 0) or its slope (order 1) on equally spaced knots. */
  function table(
    r: Value,
    knotData: Value,
    map: IndexMapValues | undefined,
    order: 0 | 1,
    range: readonly [number, number],
    knots: number,
  ): Value {
    const functions = knotData.shape[3]!;
    const rows = r.shape[0]!;
    const out = allocate(rows * functions);
    const distances = dense(r);
    const data = dense(knotData);
    const spacing = round((range[1] - range[0]) / (knots - 1));
    for (let row = 0; row < rows; row++) {
      const position = round(round(distances[row]! - range[0]) / spacing);
      const knot = Math.min(Math.max(Math.floor(position), 0), knots - 2);
      const t = round(position - knot);
      const base = ((map ? map.values[row]! : 0) * knots + knot) * 2 * functions;
      const [h00, h10, h01, h11] =
        order === 0
          ? [
              (1 + 2 * t) * (1 - t) * (1 - t),
              t * (1 - t) * (1 - t) * spacing,
              t * t * (3 - 2 * t),
              t * t * (t - 1) * spacing,
            ]
          : [(6 * t * (t - 1)) / spacing, (1 - t) * (1 - 3 * t), (6 * t * (1 - t)) / spacing, t * (3 * t - 2)];
      for (let f = 0; f < functions; f++) {
        let value = round(round(h00) * data[base + f]!);
        value = round(value + round(round(h10) * data[base + functions + f]!));
        value = round(value + round(round(h01) * data[base + 2 * functions + f]!));
        out[row * functions + f] = value + round(round(h11) * data[base + 3 * functions + f]!);
      }
    }
    return { shape: [rows, functions], data: out, uniform: false };
  }

  function strided(source: RealArray, shape: readonly number[], strides: readonly number[], offset: number): Value {
    const out = allocate(count(shape));
    walkRows(shape, strides, (to, from, length, step) => {
      for (let i = 0; i < length; i++) out[to + i] = source[offset + from + i * step]!;
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

  return {
    dense,
    unary,
    pair,
    select,
    sum,
    reshape,
    broadcast,
    transpose,
    slice,
    pad,
    concat,
    matmul,
    gather,
    segmentSum,
    polynomial,
    table,
  };
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
