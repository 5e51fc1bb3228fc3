/** What a graph is made into: kernels with what they are given, in the order in which they run. */
import type { IndexMapValues } from '@mace/core/backend';
import type { IndexMap, Node, Shape } from '@mace/core/ir';
import type { Kernel } from './kernel.js';

/** What a kernel reads: the value of a node, a part of an index map, words that belong to the graph, or what one run has. */
export type Source =
  | { readonly node: Node }
  | { readonly map: IndexMap; readonly part: keyof IndexMapValues }
  | { readonly words: Uint32Array }
  | { readonly buffer: GPUBuffer };

/** Number of values in a shape, known when a graph runs. */
export type Count = (shape: Shape) => number;

/** One kernel, and what it is given. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly sources: readonly Source[];
  /** The node whose value it writes, or a part of it. */
  readonly node: Node;
  /** Default none. */
  readonly sizes?: (count: Count) => readonly number[];
  /** Default: one for each number of the value. */
  readonly threads?: (count: Count) => number;
  /** Multiply-adds of a thread, about. Default 1. */
  readonly work?: (count: Count) => number;
}

/** Where lowerings put their dispatches. */
export interface Emitter {
  add(dispatch: Dispatch): void;
}

export function valueOf(node: Node): Source {
  return { node };
}

export function partOf(map: IndexMap, part: keyof IndexMapValues): Source {
  return { map, part };
}
