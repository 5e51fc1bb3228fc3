/** What a run takes: memory of the device, and arithmetic. */
import { countOf, multiplyAddsOf, sizeOf, slotSize, type BoundSizes, type Slot } from '@mace/core/backend';
import { nodesOf, type Graph } from '@mace/core/ir';

/** Bytes of all buffers of a run, and of the largest. */
export function memoryOf(
  graph: Graph,
  slots: readonly Slot[],
  { dims, maps }: BoundSizes,
): { bytes: number; largestBufferBytes: number } {
  const values = [
    ...slots.map((slot) => slotSize(slot, dims)),
    ...graph.inputs.map(({ type }) => type.shape.reduce<number>((size, dim) => size * sizeOf(dim, dims), 1)),
  ];
  const indices = [...maps.values()].map(({ values: targets, offsets }) => 2 * targets.length + offsets.length);
  return {
    bytes: 4 * [...values, ...indices].reduce((sum, size) => sum + size, 0),
    largestBufferBytes: 4 * Math.max(...values, ...indices, 0),
  };
}

/** By op. */
export function multiplyAddsIn(graph: Graph, dims: BoundSizes['dims']): Record<string, number> {
  const kernels: Record<string, number> = {};
  for (const node of nodesOf(graph)) {
    const count = countOf(multiplyAddsOf(node), dims);
    if (count > 0) kernels[node.op] = (kernels[node.op] ?? 0) + count;
  }
  return kernels;
}
