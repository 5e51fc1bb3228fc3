/** What a run takes: memory of the device, and arithmetic. */
import {
  countOf,
  multiplyAddsOf,
  sizeOf,
  slotSize,
  type BoundInputs,
  type RunCost,
  type Slot,
} from '@mace/core/backend';
import { nodesOf, type Graph } from '@mace/core/ir';

export function costOf(
  graph: Graph,
  slots: readonly Slot[],
  dims: BoundInputs['dims'],
  maps: BoundInputs['maps'],
): RunCost {
  const values = [
    ...slots.map((slot) => slotSize(slot, dims)),
    ...graph.inputs.map(({ type }) => type.shape.reduce<number>((size, dim) => size * sizeOf(dim, dims), 1)),
  ];
  const indices = [...maps.values()].map(({ values: targets, offsets }) => 2 * targets.length + offsets.length);
  const kernels: Record<string, number> = {};
  for (const node of nodesOf(graph)) {
    const count = countOf(multiplyAddsOf(node), dims);
    if (count > 0) kernels[node.op] = (kernels[node.op] ?? 0) + count;
  }
  return {
    bytes: 4 * [...values, ...indices].reduce((sum, size) => sum + size, 0),
    largestBufferBytes: 4 * Math.max(...values, ...indices, 0),
    multiplyAdds: Object.values(kernels).reduce((sum, count) => sum + count, 0),
    kernels,
  };
}
