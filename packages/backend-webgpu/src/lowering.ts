/** op → dispatches of kernels, with sizes as functions of what a run is given. Named composites reach this file as their bodies. */
import type { IndexMapValues, Lowerings } from '@mace/core/backend';
import { intervalLength, type IndexMap, type Node, type Shape } from '@mace/core/ir';
import { isPointwise } from './elementary.js';
import type { Kernel } from './kernel.js';
import * as kernels from './kernels.js';
import { chainOf, pointwiseChains } from './pointwise.js';
import { bitsOf, packed, polynomialKernel } from './polynomial.js';
import { gone, kept, reordered, sliced, stretched, type Walk } from './strided.js';

/** What a kernel reads: the value of a node, a part of an index map, or words that belong to the graph. */
export type Source =
  | { readonly node: Node }
  | { readonly map: IndexMap; readonly part: keyof IndexMapValues }
  | { readonly words: object; readonly make: () => Uint32Array };

/** Number of values in a shape, known when a graph runs. */
export type Count = (shape: Shape) => number;

/** One kernel, and what it is given. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly sources: readonly Source[];
  /** The node whose value it writes, or a part of it. */
  readonly node: Node;
  readonly sizes: (count: Count) => readonly number[];
  readonly threads: (count: Count) => number;
}

/** Where lowerings put their dispatches. */
export interface Emitter {
  add(dispatch: Dispatch): void;
}

/** Nodes that share the memory of their operand. */
export function isView(node: Node): boolean {
  return node.op === 'reshape' || (node.op === 'concat' && node.operands.length === 1);
}

/** @param mostArrays - arrays that a kernel may read, which is at least 7 */
export function lowerings(mostArrays: number): Lowerings<Emitter, Node> {
  return {
    supports: (node) => node.op !== 'polynomial' || node.operands.length < mostArrays,
    fusions: [pointwiseChains(mostArrays)],
    ops: {
      input: (_, node) => node,
      parameter: (_, node) => node,
      constant: (_, node) => node,
      reshape: (_, node) => node,
      ...Object.fromEntries(
        pointwiseOps.map((op) => [
          op,
          (emitter: Emitter, node: Node) => {
            const { kernel, operands } = chainOf([node]);
            return one(emitter, node, kernel, operands.map(valueOf));
          },
        ]),
      ),

      sum: (emitter, node, [x]) => {
        const [stays, goes] = [kept(x.type.shape, node.attributes.axes), gone(x.type.shape, node.attributes.axes)];
        const kernel = kernels.summed(stays.length, goes.length);
        return one(emitter, node, kernel, [valueOf(x)], (count) => [...steps(stays, count), ...steps(goes, count)]);
      },
      transpose: (emitter, node, [x]) => walked(emitter, node, x, reordered(x.type.shape, node.attributes.order)),
      broadcast: (emitter, node, [x]) => walked(emitter, node, x, stretched(x.type.shape, node.type.shape)),
      slice: (emitter, node, [x]) => {
        const { axis, start } = node.attributes;
        return walked(
          emitter,
          node,
          x,
          sliced(x.type.shape, node.type.shape, axis),
          (count) => start * count(x.type.shape.slice(axis + 1)),
        );
      },
      pad: (emitter, node, [x]) => {
        const { axis, before } = node.attributes;
        return one(emitter, node, kernels.padded, [valueOf(x)], (count) => [
          count(x.type.shape.slice(axis + 1)),
          count([x.type.shape[axis]!]),
          count([node.type.shape[axis]!]),
          before,
        ]);
      },
      concat: (emitter, node, parts) => {
        const { axis } = node.attributes;
        const rest = node.type.shape.slice(axis);
        if (parts.length > 1) {
          for (const [i, part] of parts.entries()) {
            emitter.add({
              kernel: kernels.placed,
              sources: [valueOf(part)],
              node,
              sizes: (count) => [
                count(part.type.shape.slice(axis)),
                count(rest),
                parts.slice(0, i).reduce((start, before) => start + count(before.type.shape.slice(axis)), 0),
              ],
              threads: (count) => count(part.type.shape),
            });
          }
        }
        return node;
      },

      matmul: (emitter, node, [a, b]) => {
        const { form, group } = node.attributes;
        const inner = a.type.shape.at(-1)!;
        const columns = node.type.shape.at(-1)!;
        const rows = a.type.shape.slice(group ? 1 : 0, -1);
        const across = (count: Count): number => blocks(count([columns]));
        if (form === 'tn') {
          const blocksOf = (count: Count): number => blocks(count([inner])) * across(count);
          const sizes = (count: Count): number[] => [count(rows), count([inner]), count([columns])];
          if (!group) return one(emitter, node, kernels.outerProducts, [valueOf(a), valueOf(b)], sizes, blocksOf);
          const sources = [valueOf(a), valueOf(b), partOf(group, 'offsets'), partOf(group, 'order')];
          return one(
            emitter,
            node,
            kernels.outerProductsByGroup,
            sources,
            sizes,
            (count) => count([group.to]) * blocksOf(count),
          );
        }
        const strides = (count: Count): number[] => (form === 'nt' ? [1, count([inner])] : [count([columns]), 1]);
        const sizes = (count: Count): number[] => [count(rows), count([columns]), count([inner]), ...strides(count)];
        if (!group) {
          const threads = (count: Count): number => blocks(count(rows)) * across(count);
          return one(emitter, node, kernels.multiplied, [valueOf(a), valueOf(b)], sizes, threads);
        }
        const threads = (count: Count): number => count(a.type.shape.slice(0, -1)) * across(count);
        const sources = [valueOf(a), valueOf(b), partOf(group, 'values')];
        return one(emitter, node, kernels.multipliedByGroup, sources, sizes, threads);
      },
      gather: (emitter, node, [x]) =>
        one(emitter, node, kernels.gathered, [valueOf(x), partOf(node.attributes.map, 'values')], (count) => [
          count(x.type.shape.slice(1)),
        ]),
      segmentSum: (emitter, node, [x]) => {
        const { map } = node.attributes;
        const sources = [valueOf(x), partOf(map, 'offsets'), partOf(map, 'order')];
        return one(emitter, node, kernels.segmentSummed, sources, (count) => [count(x.type.shape.slice(1))]);
      },
      polynomial: (emitter, node, operands) => {
        const { table } = node.attributes;
        const { words, firstTerm, firstFactor } = packed(table);
        const sources = [{ words: table, make: () => words }, ...operands.map(valueOf)];
        return one(emitter, node, polynomialKernel(operands.length), sources, (count) => [
          count([node.type.shape[1]!]),
          count([node.type.shape[2]!]),
          firstTerm,
          firstFactor,
          ...operands.flatMap(({ type: { shape } }) => [
            count(shape.slice(1)),
            count([shape[2]!]),
            shape[2] === 1 ? 0 : 1,
          ]),
        ]);
      },
      table: (emitter, node, [r, pieces]) => {
        const { map, order, range } = node.attributes;
        const [, intervals, terms, functions] = pieces.type.shape as readonly number[];
        const kernel = kernels.tabulated(terms!, order, map !== undefined);
        const sources = [valueOf(r), valueOf(pieces), ...(map ? [partOf(map, 'values')] : [])];
        return one(emitter, node, kernel, sources, () => [
          functions!,
          intervals!,
          bitsOf(range[0]),
          bitsOf(intervalLength(range, intervals!)),
        ]);
      },
    },
  };
}

const pointwiseOps = [
  ...(['neg', 'sqrt', 'exp', 'log', 'sin', 'cos', 'tanh', 'add', 'sub', 'mul', 'div', 'pow', 'max', 'less'] as const),
  'select' as const,
].filter(isPointwise);

function valueOf(node: Node): Source {
  return { node };
}

function partOf(map: IndexMap, part: keyof IndexMapValues): Source {
  return { map, part };
}

/** A dispatch that makes the whole value of a node. Default: a thread for each number. */
function one(
  emitter: Emitter,
  node: Node,
  kernel: Kernel,
  sources: readonly Source[],
  sizes: Dispatch['sizes'] = () => [],
  threads: Dispatch['threads'] = (count) => count(node.type.shape),
): Node {
  emitter.add({ kernel, sources, node, sizes, threads });
  return node;
}

function walked(emitter: Emitter, node: Node, x: Node, walk: Walk, start: (count: Count) => number = () => 0): Node {
  return one(emitter, node, kernels.strided(walk.length), [valueOf(x)], (count) => [
    start(count),
    ...steps(walk, count),
  ]);
}

function steps(walk: Walk, count: Count): number[] {
  return walk.flatMap(({ sizes, inner, stretched: still }) => [count(sizes), still ? 0 : count(inner)]);
}

function blocks(size: number): number {
  return Math.ceil(size / kernels.tile);
}
