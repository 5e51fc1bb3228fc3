/**
 * Memory of a run in phases: what one chunk of atoms needs at a time, and what all rows are kept of because another phase, or
 * the caller, reads them.
 */
import type { Node, RuntimeDim } from '../ir/types.js';
import type { PhasePlan } from './phases.js';
import type { Program } from './pipeline.js';

/** Where a slot is: kept from run to run, for a run, for one chunk of one thread, or for the rows that a chunk scatters to. */
export type SlotHome = 'fixed' | 'run' | 'chunk' | 'halo';

/** Room for `width` × the product of `dims` numbers; in a chunk, for its rows of them. */
export interface PhaseSlot {
  readonly home: SlotHome;
  readonly width: number;
  readonly dims: readonly RuntimeDim[];
}

export interface PhaseMemory {
  readonly slots: readonly PhaseSlot[];
  readonly slotOf: ReadonlyMap<Node, number>;
  /** Where chunks leave what they add to scattered values. */
  readonly haloOf: ReadonlyMap<Node, number>;
  /** The value whose memory a value is a view of; itself, if it is none. */
  rootOf(node: Node): Node;
}

/** @param isView - whether the value of a node is read where its first operand lies */
export function planPhaseMemory<Context, Value>(
  program: Program<Context, Value>,
  plan: PhasePlan<Context, Value>,
  isView: (node: Node) => boolean,
): PhaseMemory {
  const slots: { home: SlotHome; width: number; dims: readonly RuntimeDim[] }[] = [];
  const slotOf = new Map<Node, number>();
  const haloOf = new Map<Node, number>();
  const rootOf = (node: Node): Node => {
    let root = node;
    while (isView(root) && root.operands.length > 0) root = root.operands[0] as Node;
    return root;
  };
  const add = (home: SlotHome, node: Node): number => slots.push({ home, ...sizeOf(node) }) - 1;
  for (const { node, fixed } of program.steps) if (fixed && rootOf(node) === node) slotOf.set(node, add('fixed', node));

  const outputs = new Set(Object.values(program.graph.outputs).map(rootOf));
  const lastPhase = new Map<Node, number>();
  for (const [phase, { steps }] of plan.phases.entries()) {
    for (const { node, operands } of steps)
      for (const each of [node, ...operands]) lastPhase.set(rootOf(each), outputs.has(rootOf(each)) ? Infinity : phase);
  }
  const staysInChunk = (node: Node): boolean => {
    const phase = plan.phaseOf.get(node)!;
    return plan.phases[phase]!.byRows && lastPhase.get(node) === phase && !plan.scattered.has(node);
  };

  const free = new Map<string, number[]>();
  const keyOf = (slot: number): string => `${slots[slot]!.home} ${slots[slot]!.dims.join(' ')}`;
  const release = (slot: number): void => void free.set(keyOf(slot), [...(free.get(keyOf(slot)) ?? []), slot]);
  const take = (home: SlotHome, node: Node): number => {
    const { width, dims } = sizeOf(node);
    const slot = free.get(`${home} ${dims.join(' ')}`)?.pop() ?? add(home, node);
    slots[slot]!.width = Math.max(slots[slot]!.width, width);
    return slot;
  };
  // Scattered values are cleared before the first phase.
  for (const node of plan.scattered) {
    slotOf.set(node, add('run', node));
    haloOf.set(node, add('halo', node));
  }
  for (const [phase, { steps }] of plan.phases.entries()) {
    const own = steps.map(({ node }) => node).filter((node) => rootOf(node) === node && !slotOf.has(node));
    for (const node of own) if (!staysInChunk(node)) slotOf.set(node, take('run', node));
    const lastUse = new Map<Node, number>();
    steps.forEach(({ node, operands }, i) => [node, ...operands].forEach((each) => lastUse.set(rootOf(each), i)));
    const inChunk = new Set(own.filter(staysInChunk));
    for (const [i, { node }] of steps.entries()) {
      if (inChunk.has(node)) slotOf.set(node, take('chunk', node));
      for (const root of inChunk) if (lastUse.get(root) === i) release(slotOf.get(root)!);
    }
    for (const [root, last] of lastPhase) {
      const slot = slotOf.get(root);
      if (last === phase && slot !== undefined && slots[slot]!.home === 'run') release(slot);
    }
  }
  for (const { node } of program.steps) if (rootOf(node) !== node) slotOf.set(node, slotOf.get(rootOf(node))!);
  return { slots, slotOf, haloOf, rootOf };
}

function sizeOf(node: Node): { width: number; dims: readonly RuntimeDim[] } {
  const dims: RuntimeDim[] = [];
  let width = 1;
  for (const dim of node.type.shape) {
    if (typeof dim === 'number') width *= dim;
    else dims.push(dim);
  }
  return { width, dims: dims.sort() };
}
