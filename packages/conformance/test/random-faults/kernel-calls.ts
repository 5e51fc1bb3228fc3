/** Calls of the reference's kernels, op by op, in one form that faults can change. */
import type { IndexMapValues, RealArray } from '@mace/core/backend';
import type { OpName } from '@mace/core/ir';
import type { Kernels, Value } from '@mace/core/reference';

/** One call of a kernel as faults see it. */
export interface Call {
  readonly operands: readonly Value[];
  readonly sizes: Readonly<Record<string, number>>;
  readonly sound: () => Value;
  /** The call that stops after `limit` along what it loops over; absent where it loops over nothing. */
  readonly stopped?: (limit: number) => Value;
}

/** Kernels of which one op's calls are changed. */
export function intercepted(kernels: Kernels, op: OpName, change: (call: Call) => Value): Partial<Kernels> {
  const shaped = (x: Value): Record<string, number> => ({
    rows: x.shape[0] ?? 1,
    middle: x.shape.length > 2 ? x.shape[1]! : 1,
    width: x.shape.length > 1 ? x.shape.at(-1)! : 1,
  });
  switch (op) {
    case 'neg':
    case 'sqrt':
    case 'exp':
    case 'log':
    case 'sin':
    case 'cos':
    case 'tanh':
      return {
        unary: (name, x) =>
          name === op
            ? change({ operands: [x], sizes: shaped(x), sound: () => kernels.unary(name, x) })
            : kernels.unary(name, x),
      };
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'pow':
    case 'max':
    case 'less':
      return {
        pair: (name, x, y) =>
          name === op
            ? change({ operands: [x, y], sizes: shaped(x), sound: () => kernels.pair(name, x, y) })
            : kernels.pair(name, x, y),
      };
    case 'select':
      return {
        select: (mask, x, y) =>
          change({ operands: [mask, x, y], sizes: shaped(mask), sound: () => kernels.select(mask, x, y) }),
      };
    case 'sum':
      return {
        sum: (x, axes) =>
          change({
            operands: [x],
            sizes: shaped(x),
            sound: () => kernels.sum(x, axes),
            stopped: (limit) => kernels.sum(cut(kernels, x, axes[0]!, limit), axes),
          }),
      };
    case 'transpose':
      return {
        transpose: (x, order) => change({ operands: [x], sizes: shaped(x), sound: () => kernels.transpose(x, order) }),
      };
    case 'broadcast':
      return {
        broadcast: (x, shape) =>
          change({ operands: [x], sizes: shaped({ ...x, shape }), sound: () => kernels.broadcast(x, shape) }),
      };
    case 'slice':
      return {
        slice: (x, axis, start, stop) =>
          change({
            operands: [x],
            sizes: { rows: x.shape[0] ?? 1, start, width: stop - start },
            sound: () => kernels.slice(x, axis, start, stop),
          }),
      };
    case 'pad':
      return {
        pad: (x, axis, before, after) =>
          change({
            operands: [x],
            sizes: { rows: x.shape[0] ?? 1, before, width: x.shape[axis]! },
            sound: () => kernels.pad(x, axis, before, after),
          }),
      };
    case 'concat':
      return {
        concat: (parts, axis) =>
          change({
            operands: parts,
            sizes: { rows: parts[0]!.shape[0] ?? 1, parts: parts.length, width: parts[0]!.shape[axis]! },
            sound: () => kernels.concat(parts, axis),
            stopped: (limit) =>
              kernels.concat(
                parts.map((part, i) => (i < limit ? part : mapped(part, () => 0))),
                axis,
              ),
          }),
      };
    case 'matmul':
      return {
        matmul: (x, y, form, group, shape) => {
          const inner = x.shape.at(-1)!;
          const columns = form === 'tn' ? y.shape.at(-1)! : shape.at(-1)!;
          const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
          return change({
            operands: [x, y],
            sizes: { rows, inner, columns, groups: group ? group.offsets.length - 1 : 1 },
            sound: () => kernels.matmul(x, y, form, group, shape),
            stopped: (limit) =>
              kernels.matmul(cut(kernels, x, form === 'tn' ? 0 : x.shape.length - 1, limit), y, form, group, shape),
          });
        },
      };
    case 'gather':
      return {
        gather: (x, map) => change({ operands: [x], sizes: mapSizes(x, map), sound: () => kernels.gather(x, map) }),
      };
    case 'segmentSum':
      return {
        segmentSum: (x, map) =>
          change({
            operands: [x],
            sizes: mapSizes(x, map),
            sound: () => kernels.segmentSum(x, map),
            stopped: (limit) => kernels.segmentSum(x, shortened(map, limit)),
          }),
      };
    case 'polynomial':
      return {
        polynomial: (operands, table, shape) =>
          change({
            operands,
            sizes: {
              rows: shape[0]!,
              outputs: shape[1]!,
              channels: shape[2]!,
              monomials: table.coefficient.length,
              operands: operands.length,
              components: Math.max(...operands.map((x) => x.shape[1]!)),
              degree: longest(table.vectorStart) + longest(table.scalarStart),
            },
            sound: () => kernels.polynomial(operands, table, shape),
            stopped: (limit) =>
              kernels.polynomial(
                operands,
                { ...table, coefficient: table.coefficient.map((c, i) => (i < limit ? c : 0)) },
                shape,
              ),
          }),
      };
    case 'table':
      return {
        table: (r, pieces, map, attributes) => {
          const [intervals, terms, functions] = pieces.shape as [number, number, number];
          return change({
            operands: [r, pieces],
            sizes: { rows: r.shape[0]!, intervals, terms, functions },
            sound: () => kernels.table(r, pieces, map, attributes),
          });
        },
      };
    default:
      throw new Error(`no kernel to break for ${op}`);
  }
}

/** Zero beyond `limit` along an axis. */
function cut(kernels: Kernels, x: Value, axis: number, limit: number): Value {
  const inner = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = x.shape[axis]!;
  return {
    ...x,
    uniform: false,
    data: kernels.dense(x).map((y: number, i: number) => (Math.floor(i / inner) % size < limit ? y : 0)) as RealArray,
  };
}

function mapSizes(x: Value, { values, offsets }: IndexMapValues): Record<string, number> {
  const width = x.shape.slice(1).reduce((a, b) => a * b, 1);
  return { rows: values.length, targets: offsets.length - 1, width, longest: longest(offsets) };
}

function longest(offsets: Int32Array): number {
  let most = 0;
  for (let i = 1; i < offsets.length; i++) most = Math.max(most, offsets[i]! - offsets[i - 1]!);
  return most;
}

/** Segments with no more than `limit` rows. */
function shortened({ values, offsets, order }: IndexMapValues, limit: number): IndexMapValues {
  const lists = Array.from({ length: offsets.length - 1 }, (_, target) =>
    Array.from(order.subarray(offsets[target], Math.min(offsets[target + 1]!, offsets[target]! + limit))),
  );
  const starts = new Int32Array(offsets.length);
  lists.forEach((list, i) => (starts[i + 1] = starts[i]! + list.length));
  return { values, offsets: starts, order: Int32Array.from(lists.flat()) };
}

/** Each number changed. */
export function mapped(value: Value, change: (y: number, i: number, count: number) => number): Value {
  return { ...value, data: value.data.map((y: number, i: number) => change(y, i, value.data.length)) as RealArray };
}
