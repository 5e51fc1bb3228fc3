/** What one executable holds on the device beside its parameters: memory of values, which runs share, and words of tables. */
import { sizeOf, slotSize, type MemoryPlan } from '@mace/core/backend';
import type { Node, RuntimeDim } from '@mace/core/ir';
import type { Count, Source } from './dispatch.js';
import { usage, type Engine } from './engine.js';
import { isView } from './lowering.js';
import type { Parameters } from './parameters.js';

export type Dims = Readonly<Record<RuntimeDim, number>>;

export class Memory {
  /** By slot of the plan, by input, by the words themselves. */
  readonly #buffers = new Map<number | Node | Uint32Array, GPUBuffer>();

  constructor(
    private readonly engine: Engine,
    private readonly plan: MemoryPlan,
    private readonly parameters: Parameters,
  ) {}

  /** Where a value is in a run of these sizes. Inputs are all there before the first kernel, so they share with nothing. */
  of(node: Node, dims: Dims): GPUBuffer {
    const root = rootOf(node);
    if (root.op === 'parameter') return this.parameters.of(root.attributes.name);
    if (root.op === 'input') return this.#atLeast(root, 4 * countIn(dims)(root.type.shape));
    const slot = this.plan.slotOf.get(node)!;
    return this.#atLeast(slot, 4 * slotSize(this.plan.slots[slot]!, dims));
  }

  source(source: Exclude<Source, { part: unknown }>, dims: Dims): GPUBuffer {
    if ('buffer' in source) return source.buffer;
    if ('node' in source) return this.of(source.node, dims);
    const { words } = source;
    if (!this.#buffers.has(words)) this.engine.write(this.#atLeast(words, 4 * words.length), words);
    return this.#buffers.get(words)!;
  }

  use(): { liveBytes: number; liveBuffers: number } {
    const sizes = [...this.#buffers.values()].map(({ size }) => size);
    return { liveBytes: sizes.reduce((sum, size) => sum + size, 0), liveBuffers: sizes.length };
  }

  /** Gives everything back for others to use. */
  release(): void {
    for (const buffer of this.#buffers.values()) this.engine.buffers.release(buffer);
    this.#buffers.clear();
  }

  /** Gives everything up: after a failure nothing that the device holds is trusted. */
  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }

  /** Kept from run to run, larger when a run needs more. */
  #atLeast(key: number | Node | Uint32Array, bytes: number): GPUBuffer {
    const { buffers } = this.engine;
    let buffer = this.#buffers.get(key);
    if (!buffer || buffer.size < bytes) {
      if (buffer) buffers.release(buffer);
      this.#buffers.set(key, (buffer = buffers.take(bytes, usage.storage)));
    }
    return buffer;
  }
}

export function countIn(dims: Dims): Count {
  return (shape) => shape.reduce<number>((size, dim) => size * sizeOf(dim, dims), 1);
}

/** The node whose memory a value is in. */
function rootOf(node: Node): Node {
  return isView(node) ? rootOf(node.operands[0] as Node) : node;
}
