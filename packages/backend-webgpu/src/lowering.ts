/** op → dispatches of kernels, with sizes as functions of what a run is given. Named composites reach this file as their bodies. */
import type { Lower, Lowerings } from '@mace/core/backend';
import { intervalLength, type Node, type NodeOf, type OpName } from '@mace/core/ir';
import { partOf, valueOf, type Count, type Dispatch, type Emitter } from './dispatch.js';
import { pointwiseNames } from './elementary.js';
import * as kernels from './kernels.js';
import { product } from './matmul.js';
import { chainOf, pointwiseChains } from './pointwise.js';
import { bitsOf, packed, polynomialKernel } from './polynomial.js';
import { gone, kept, reordered, sliced, stretched, type Walk } from './strided.js';

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
      ...Object.fromEntries(pointwiseNames.map((op) => [op, by((node: Node) => chainOf([node]))])),

      sum: by((node) => {
        const [x] = node.operands;
        const [stays, goes] = [kept(x.type.shape, node.attributes.axes), gone(x.type.shape, node.attributes.axes)];
        return {
          kernel: kernels.summed(stays.length, goes.length),
          sources: [valueOf(x)],
          node,
          sizes: (count) => [...steps(stays, count), ...steps(goes, count)],
          work: (count) => count(x.type.shape) / Math.max(count(node.type.shape), 1),
        };
      }),
      transpose: by((node) => walked(node, reordered(node.operands[0].type.shape, node.attributes.order))),
      broadcast: by((node) => walked(node, stretched(node.operands[0].type.shape, node.type.shape))),
      slice: by((node) => {
        const { axis, start } = node.attributes;
        const from = node.operands[0].type.shape;
        return walked(node, sliced(from, node.type.shape, axis), (count) => start * count(from.slice(axis + 1)));
      }),
      pad: by((node) => {
        const { axis, before } = node.attributes;
        const { shape } = node.operands[0].type;
        return {
          kernel: kernels.padded,
          sources: node.operands.map(valueOf),
          node,
          sizes: (count) => [
            count(shape.slice(axis + 1)),
            count([shape[axis]!]),
            count([node.type.shape[axis]!]),
            before,
          ],
        };
      }),
      concat: (emitter, node, parts) => {
        const width = (part: Node, count: Count): number => count(part.type.shape.slice(node.attributes.axis));
        for (const [i, part] of isView(node) ? [] : parts.entries()) {
          emitter.add({
            kernel: kernels.placed,
            sources: [valueOf(part)],
            node,
            sizes: (count) => [
              width(part, count),
              width(node, count),
              parts.slice(0, i).reduce((start, earlier) => start + width(earlier, count), 0),
            ],
            threads: (count) => count(part.type.shape),
          });
        }
        return node;
      },

      matmul: by(product),
      gather: by((node) => ({
        kernel: kernels.gathered,
        sources: [valueOf(node.operands[0]), partOf(node.attributes.map, 'values')],
        node,
        sizes: (count) => [count(node.type.shape.slice(1))],
      })),
      segmentSum: by((node) => {
        const { map } = node.attributes;
        return {
          kernel: kernels.segmentSummed,
          sources: [valueOf(node.operands[0]), partOf(map, 'offsets'), partOf(map, 'order')],
          node,
          sizes: (count) => [count(node.type.shape.slice(1))],
          work: (count) => count([map.from]) / Math.max(count([map.to]), 1),
        };
      }),
      polynomial: by((node) => {
        const { words, firstTerm, firstFactor } = packed(node.attributes.table);
        const [, outputs, channels] = node.type.shape;
        return {
          kernel: polynomialKernel(node.operands.length),
          sources: [{ words }, ...node.operands.map(valueOf)],
          node,
          sizes: (count) => [
            count([outputs!]),
            count([channels!]),
            firstTerm,
            firstFactor,
            ...node.operands.flatMap(({ type: { shape } }) => [
              count(shape.slice(1)),
              count([shape[2]!]),
              shape[2] === 1 ? 0 : 1,
            ]),
          ],
          work: () => words.length / Math.max(outputs as number, 1),
        };
      }),
      table: by((node) => {
        const [r, pieces] = node.operands;
        const { map, order, cutoff, groups } = node.attributes;
        const [, terms, functions] = pieces.type.shape as readonly [number, number, number];
        const words = Uint32Array.from(
          groups.flatMap((group) => [
            group.start,
            group.intervals,
            bitsOf(group.range[0]),
            bitsOf(intervalLength(group)),
          ]),
        );
        return {
          kernel: kernels.tabulated(terms, order, map !== undefined),
          sources: [valueOf(r), valueOf(pieces), { words }, ...(map ? [partOf(map, 'values')] : [])],
          node,
          sizes: () => [functions, bitsOf(cutoff)],
          work: () => terms,
        };
      }),
    },
  };
}

/** The lowering of an op whose nodes are one dispatch each. */
function by<K extends OpName>(make: (node: NodeOf<K>) => Dispatch): Lower<Emitter, Node, K> {
  return (emitter, node) => {
    emitter.add(make(node));
    return node as Node;
  };
}

function walked(
  node: NodeOf<'transpose' | 'broadcast' | 'slice'>,
  walk: Walk,
  start: (count: Count) => number = () => 0,
): Dispatch {
  return {
    kernel: kernels.strided(walk.length),
    sources: node.operands.map(valueOf),
    node,
    sizes: (count) => [start(count), ...steps(walk, count)],
  };
}

function steps(walk: Walk, count: Count): number[] {
  return walk.flatMap(({ sizes, inner, stretched: still }) => [count(sizes), still ? 0 : count(inner)]);
}
