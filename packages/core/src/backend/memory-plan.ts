/**
 * Which values can share memory: liveness → slots, decided once for every size.
 *
 * Sizes are known only when a graph runs, but they are products of a number and of `atoms`, `edges`, `graphs`. Values with
 * the same runtime dimensions share a slot as soon as the earlier one is dead; the slot is as wide as the widest.
 */
import type { Node, RuntimeDim } from '../ir/types.js';
import type { Program } from './pipeline.js';

/** Room for `width` × the product of `dims` numbers. */
export interface Slot {
  readonly width: number;
  readonly dims: readonly RuntimeDim[];
}

export interface MemoryPlan {
  readonly slots: readonly Slot[];
  /** Slot of each value that a step makes. Fixed values and outputs have slots of their own. */
  readonly slotOf: ReadonlyMap<Node, number>;
}

/** Number of values in a slot. */
export function slotSize(slot: Slot, dims: Readonly<Record<RuntimeDim, number>>): number {
  return slot.dims.reduce((size, dim) => size * dims[dim], slot.width);
}

/** @param isView - whether the backend makes the value of a node without copying its first operand, such as a reshape */
export function planMemory<Context, Value>(
  program: Program<Context, Value>,
  isView: (node: Node) => boolean = () => false,
): MemoryPlan {
  const slots: { width: number; dims: readonly RuntimeDim[] }[] = [];
  const slotOf = new Map<Node, number>();
  const free = new Map<string, number[]>();
  /** Live values in each slot: views keep the memory of what they look at. */
  const holders = new Map<number, number>();
  const shareable = shareableNodes(program);
  for (const { node, operands, dead } of program.steps) {
    if (isView(node) && operands.length > 0) {
      const slot = slotOf.get(operands[0]!)!;
      slotOf.set(node, slot);
      holders.set(slot, holders.get(slot)! + 1);
    } else {
      const { width, dims } = sizeOf(node);
      const key = dims.join(' ');
      const list = shareable.has(node) ? free.get(key) : undefined;
      const reused = list?.pop();
      const slot = reused ?? slots.push({ width: 0, dims }) - 1;
      slots[slot]!.width = Math.max(slots[slot]!.width, width);
      slotOf.set(node, slot);
      // What must outlive the run is held by nobody's end.
      holders.set(slot, shareable.has(node) ? 1 : Infinity);
    }
    for (const gone of dead) {
      const slot = slotOf.get(gone)!;
      const left = holders.get(slot)! - 1;
      holders.set(slot, left);
      if (left === 0) {
        const key = slots[slot]!.dims.join(' ');
        free.set(key, [...(free.get(key) ?? []), slot]);
      }
    }
  }
  return { slots, slotOf };
}

/** Values that die during a run. */
function shareableNodes<Context, Value>(program: Program<Context, Value>): Set<Node> {
  return new Set(program.steps.flatMap(({ dead }) => dead));
}

function sizeOf(node: Node): Slot {
  const dims: RuntimeDim[] = [];
  let width = 1;
  for (const dim of node.type.shape) {
    if (typeof dim === 'number') width *= dim;
    else dims.push(dim);
  }
  return { width, dims: dims.sort() };
}
