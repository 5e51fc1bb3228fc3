/** op → kernels. Every op has one; of the calls only edge regions, the others are inlined by legalization. */
import { fusedOperands, type Fusion, type Lowerings } from '@mace/core/backend';
import { fixedSize, sameShape, type Dim, type Node } from '@mace/core/ir';
import { isEdgeKernel, lowerEdgeRegion } from './edge-lowering.js';
import type { Emitter, Place, Value } from './emitter.js';
import { copyKernel, type CopyShape } from './kernels/copy.js';
import { groupedProductKernel, packKernel, packedSize, productKernel } from './kernels/matmul.js';
import { outerProductKernel } from './kernels/outer-product.js';
import { isPointwise, pointwiseKernel } from './kernels/pointwise.js';
import { linesKernel, polynomialKernel, scratchNumbers, worthLines } from './kernels/polynomial.js';
import { gatherKernel, segmentSumKernel } from './kernels/rows.js';
import { denseStrides, fixed, product, sizeOfDims, type Size } from './kernels/size.js';
import { sumKernel } from './kernels/sum.js';
import { tableKernel } from './kernels/table.js';
import type { Lanes } from './lanes.js';
import { preparedTable } from './prepared-table.js';

/** Largest number of pointwise ops in one loop. */
const mostFused = 48;

const pointwiseFusion: Fusion<Emitter, Value> = {
  name: 'pointwise',
  match: (node, users) => {
    if (!isPointwise(node)) return null;
    const inside = new Set<Node>([node]);
    for (const part of inside) {
      for (const operand of part.operands as readonly Node[]) {
        const fits =
          isPointwise(operand) &&
          sameShape(operand.type.shape, node.type.shape) &&
          (users.get(operand) ?? []).every((user) => inside.has(user));
        if (fits && inside.size < mostFused) inside.add(operand);
      }
    }
    return inside.size > 1 ? [...inside] : null;
  },
  lower: (emitter, node, matched, operands) => pointwise(emitter, node, matched, fusedOperands(matched), operands),
};

export function loweringsFor(lanes: Lanes): Lowerings<Emitter, Value> {
  return {
    ops,
    fusions: [pointwiseFusion],
    supports: (node) => node.op !== 'call' || isEdgeKernel(node, lanes),
  };
}

const ops: Lowerings<Emitter, Value>['ops'] = {
  input: (emitter, node) => {
    emitter.arrive(node);
    return emitter.value(node);
  },
  // Written when parameters are set; see executable.ts.
  parameter: (emitter, node) => emitter.value(node),
  constant: (emitter, node) =>
    emitter.value(node, {
      access: 'own',
      constant: node.attributes.values.length === 1 ? node.attributes.values[0] : undefined,
    }),

  neg: (emitter, node, operands) => onePointwise(emitter, node, operands),
  sqrt: (emitter, node, operands) => onePointwise(emitter, node, operands),
  exp: (emitter, node, operands) => onePointwise(emitter, node, operands),
  log: (emitter, node, operands) => onePointwise(emitter, node, operands),
  sin: (emitter, node, operands) => onePointwise(emitter, node, operands),
  cos: (emitter, node, operands) => onePointwise(emitter, node, operands),
  tanh: (emitter, node, operands) => onePointwise(emitter, node, operands),
  add: (emitter, node, operands) => onePointwise(emitter, node, operands),
  sub: (emitter, node, operands) => onePointwise(emitter, node, operands),
  mul: (emitter, node, operands) => onePointwise(emitter, node, operands),
  div: (emitter, node, operands) => onePointwise(emitter, node, operands),
  pow: (emitter, node, operands) => onePointwise(emitter, node, operands),
  max: (emitter, node, operands) => onePointwise(emitter, node, operands),
  less: (emitter, node, operands) => onePointwise(emitter, node, operands),
  select: (emitter, node, operands) => onePointwise(emitter, node, operands),

  reshape: (emitter, node, [x]) => emitter.value(node, { access: 'own', constant: x.constant }),
  transpose: (emitter, node, [x]) => {
    const strides = denseStrides(x.node.type.shape);
    const to = denseStrides(node.type.shape);
    const axes = node.attributes.order.map((axis, i) => ({
      size: sizeAt(node, i),
      from: strides[axis]!,
      to: to[i]!,
    }));
    return copied(emitter, node, x, { axes });
  },
  broadcast: (emitter, node, [x]) => {
    if (emitter.isView(node)) {
      const uniform = fixedSize(x.node.type.shape) === 1 && !x.node.type.shape.some((dim) => typeof dim === 'string');
      return { ...emitter.value(node), access: uniform ? 'uniform' : 'shared', constant: x.constant };
    }
    const strides = denseStrides(x.node.type.shape);
    const to = denseStrides(node.type.shape);
    const axes = node.type.shape.map((dim, i) => ({
      size: sizeAt(node, i),
      from: x.node.type.shape[i] === dim ? strides[i]! : fixed(0),
      to: to[i]!,
    }));
    return copied(emitter, node, x, { axes });
  },
  slice: (emitter, node, [x]) => {
    const { axis, start } = node.attributes;
    const from = denseStrides(x.node.type.shape);
    const to = denseStrides(node.type.shape);
    const axes = node.type.shape.map((_, i) => ({ size: sizeAt(node, i), from: from[i]!, to: to[i]! }));
    return copied(emitter, node, x, { axes, fromOffset: product(from[axis]!, fixed(start)) });
  },
  pad: (emitter, node, [x]) => {
    const { axis, before, after } = node.attributes;
    const to = denseStrides(node.type.shape);
    const size = x.node.type.shape[axis] as number;
    const part = (start: number, length: number, source: Value | null): void => {
      if (length === 0) return;
      const from = denseStrides(x.node.type.shape);
      const axes = node.type.shape.map((_, i) => ({
        size: i === axis ? fixed(length) : sizeAt(node, i),
        from: source ? from[i]! : fixed(0),
        to: to[i]!,
      }));
      const shape = { axes, toOffset: product(to[axis]!, fixed(start)), zeros: source === null };
      emitter.call(copyKernel(emitter.kernels, shape), [emitter.place(source ?? node), emitter.place(node)]);
    };
    part(0, before, null);
    part(before, size, x);
    part(before + size, after, null);
    return emitter.value(node);
  },
  concat: (emitter, node, operands) => {
    const to = denseStrides(node.type.shape);
    let start = 0;
    for (const x of operands) {
      const from = denseStrides(x.node.type.shape);
      const axes = x.node.type.shape.map((_, i) => ({ size: sizeAt(x.node, i), from: from[i]!, to: to[i]! }));
      copied(emitter, node, x, { axes, toOffset: product(to[node.attributes.axis]!, fixed(start)) });
      start += x.node.type.shape[node.attributes.axis] as number;
    }
    return emitter.value(node);
  },
  sum: (emitter, node, [x]) => {
    const { axes } = node.attributes;
    const from = denseStrides(x.node.type.shape);
    const strides = denseStrides(node.type.shape);
    let next = 0;
    const walked = x.node.type.shape.map((_, i) => {
      const summed = axes.includes(i);
      return { size: sizeAt(x.node, i), from: from[i]!, to: summed ? fixed(0) : strides[next++]!, summed };
    });
    emitter.call(sumKernel(emitter.kernels, walked), [emitter.place(x), emitter.place(node)]);
    return emitter.value(node);
  },

  matmul: (emitter, node, [a, b]) => {
    const { form, group } = node.attributes;
    const shape = a.node.type.shape;
    const inner = shape.at(-1) as number;
    const leading = shape.slice(0, -1);
    const subRows = leading.slice(1).reduce<number>((size, dim) => size * (dim as number), 1);
    if (form === 'tn') {
      const columns = b.node.type.shape.at(-1) as number;
      const rows = sizeOfDims(leading);
      const kernel = outerProductKernel(
        emitter.kernels,
        inner,
        columns,
        group ? { kind: 'grouped', rows, groups: sizeOfDims([group.to]), subRows } : { kind: 'all', rows },
      );
      const maps = group ? [emitter.map(group, 'offsets'), emitter.map(group, 'order')] : [];
      emitter.call(kernel, [emitter.place(a), emitter.place(b), emitter.place(node), ...maps]);
      return emitter.value(node);
    }
    const columns = node.type.shape.at(-1) as number;
    const matrices = group ? sizeOfDims([group.to]) : fixed(1);
    const panels = product(matrices, fixed(packedSize(emitter.kernels, inner, columns)));
    const packed = emitter.packed(`${form} ${inner} ${columns}`, b, panels, (to) => {
      const kernel = packKernel(emitter.kernels, inner, columns, form === 'nt', matrices);
      emitter.call(kernel, [emitter.place(b), to]);
    });
    const rows = sizeOfDims(leading);
    if (group) {
      const kernel = groupedProductKernel(emitter.kernels, inner, columns, subRows, rows);
      const maps = [emitter.map(group, 'values'), emitter.map(group, emitter.byRows ? 'chunkOrder' : 'order')];
      emitter.call(kernel, [emitter.place(a), packed, ...maps, emitter.place(node)]);
    } else {
      const kernel = productKernel(emitter.kernels, inner, columns, rows);
      emitter.call(kernel, [emitter.place(a), packed, emitter.place(node)]);
    }
    return emitter.value(node);
  },

  gather: (emitter, node, [x]) => {
    const { map } = node.attributes;
    if (emitter.isView(node)) {
      emitter.map(map, 'values');
      return { ...emitter.value(node), access: 'mapped', map: map.name };
    }
    const kernel = gatherKernel(emitter.kernels, rowSize(node), sizeOfDims([map.from]));
    emitter.call(kernel, [emitter.place(x), emitter.map(map, 'values'), emitter.place(node)]);
    return emitter.value(node);
  },
  segmentSum: (emitter, node, [x]) => {
    const { map } = node.attributes;
    const kernel = segmentSumKernel(emitter.kernels, rowSize(node), sizeOfDims([map.to]));
    const places = [emitter.place(x), emitter.map(map, 'offsets'), emitter.map(map, 'order'), emitter.place(node)];
    emitter.call(kernel, places);
    return emitter.value(node);
  },
  polynomial: (emitter, node, operands) => {
    const { table } = node.attributes;
    const described = operands.map((x) => {
      const operand = {
        access: x.access as 'own' | 'shared' | 'mapped',
        components: x.node.type.shape[1] as number,
        channels: x.node.type.shape[2] as number,
      };
      return { ...operand, inLines: emitter.isFixed(x) && worthLines(emitter.kernels, operand) };
    });
    const kernel = polynomialKernel(emitter.kernels, table, described, sizeOfDims([node.type.shape[0]!]));
    const places = operands.flatMap((x, i) => [
      described[i]!.inLines ? inLines(emitter, x) : emitter.place(x),
      ...(x.map === undefined ? [] : [{ kind: 'map', map: x.map, part: 'values' } as const]),
    ]);
    const scratch = emitter.room(fixed(scratchNumbers(table, described)));
    emitter.call(kernel, [...places, scratch, emitter.place(node)]);
    return emitter.value(node);
  },
  table: (emitter, node, [r, pieces]) => {
    const { order, cutoff, groups, map } = node.attributes;
    const [, terms, functions] = node.operands[1].type.shape as readonly [number, number, number];
    const shape = { order, cutoff, terms, functions, groups: groups.length, mapped: map !== undefined };
    const kernel = tableKernel(emitter.kernels, shape, sizeOfDims([node.type.shape[0]!]));
    const maps = map ? [emitter.map(map, 'values')] : [];
    const prepared = preparedTable(emitter, shape, groups, pieces);
    emitter.call(kernel, [emitter.place(r), prepared, ...maps, emitter.place(node)]);
    return emitter.value(node);
  },
  call: (emitter, node, operands) => lowerEdgeRegion(emitter, node, operands),
};

function onePointwise(emitter: Emitter, node: Node, operands: readonly Value[]): Value {
  return pointwise(emitter, node, [node], [...new Set(node.operands as readonly Node[])], operands);
}

function pointwise(
  emitter: Emitter,
  node: Node,
  matched: readonly Node[],
  nodes: readonly Node[],
  values: readonly Value[],
): Value {
  const all = node.operands as readonly Node[];
  const valueOf = (operand: Node): Value =>
    matched.length === 1 ? values[all.indexOf(operand)]! : values[nodes.indexOf(operand)]!;
  const operands = nodes.map((operand) => {
    const { access, constant } = valueOf(operand);
    const uniform = access === 'uniform';
    return { node: operand, uniform, constant: uniform ? constant : undefined };
  });
  const loaded = operands.filter(({ constant }) => constant === undefined).map((operand) => valueOf(operand.node));
  const kernel = pointwiseKernel(emitter.kernels, matched, operands);
  emitter.call(kernel, [...loaded.map((value) => emitter.place(value)), emitter.place(node)]);
  return emitter.value(node);
}

function copied(emitter: Emitter, node: Node, x: Value, shape: CopyShape): Value {
  emitter.call(copyKernel(emitter.kernels, shape), [emitter.place(x), emitter.place(node)]);
  return emitter.value(node);
}

/** The rows of a fixed operand of a polynomial, line by line. */
function inLines(emitter: Emitter, x: Value): Place {
  const [, components, channels] = x.node.type.shape as [Dim, number, number];
  const rows = sizeOfDims([emitter.memory.rootOf(x.node).type.shape[0]!]);
  return emitter.packed(`lines ${components} ${channels}`, x, product(rows, fixed(components * channels)), (to) => {
    emitter.call(linesKernel(emitter.kernels, rows, components, channels), [emitter.place(x), to]);
  });
}

function sizeAt(node: Node, axis: number): Size {
  return sizeOfDims([node.type.shape[axis]!]);
}

/** Numbers in a row of the first axis. */
function rowSize(node: Node): Size {
  return sizeOfDims(node.type.shape.slice(1));
}
