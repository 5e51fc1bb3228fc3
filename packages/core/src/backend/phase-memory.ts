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
  /** The slot of a value in a phase; null is the time before all phases. */
  slotOf(node: Node, phase: number | null): number;
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
  const kept = new Map<Node, number>();
  const inChunk = plan.phases.map(() => new Map<Node, number>());
  const haloOf = new Map<Node, number>();
  const rootOf = (node: Node): Node => {
    let root = node;
    while (isView(root) && root.operands.length > 0) root = root.operands[0] as Node;
    return root;
  };
  const add = (home: SlotHome, node: Node): number => slots.push({ home, ...sizeOf(node) }) - 1;
  for (const { node, fixed } of program.steps) if (fixed && rootOf(node) === node) kept.set(node, add('fixed', node));

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
    kept.set(node, add('run', node));
    haloOf.set(node, add('halo', node));
  }

  const outputs = new Set(Object.values(program.graph.outputs).map(rootOf));
  const made = plan.phases.map(({ steps }) => new Set(steps.map(({ node }) => node)));
  /** The last phase that reads what this one made; a value that is made again later is read where it is made. */
  const lastReader = new Map<Node, number>();
  for (const [phase, { steps }] of plan.phases.entries()) {
    for (const { node, operands } of steps) {
      for (const root of [node, ...operands].map(rootOf)) {
        const again = made[phase]!.has(root) && plan.phaseOf.get(root) !== phase;
        if (!again) lastReader.set(root, outputs.has(root) ? Infinity : phase);
      }
    }
  }
  for (const [phase, { byRows, steps }] of plan.phases.entries()) {
    const own = steps.map(({ node }) => node).filter((node) => rootOf(node) === node && !plan.scattered.has(node));
    const staysInChunk = (node: Node): boolean =>
      byRows && (plan.phaseOf.get(node) !== phase || lastReader.get(node) === phase);
    for (const node of own) if (!staysInChunk(node)) kept.set(node, take('run', node));
    const lastUse = new Map<Node, number>();
    steps.forEach(({ node, operands }, i) => [node, ...operands].forEach((each) => lastUse.set(rootOf(each), i)));
    const local = own.filter(staysInChunk);
    for (const [i, { node }] of steps.entries()) {
      if (local.includes(node)) inChunk[phase]!.set(node, take('chunk', node));
      for (const root of local) if (lastUse.get(root) === i) release(inChunk[phase]!.get(root)!);
    }
    for (const [root, last] of lastReader) {
      const slot = kept.get(root);
      if (last === phase && slot !== undefined && slots[slot]!.home === 'run') release(slot);
    }
  }
  return {
    slots,
    haloOf,
    rootOf,
    slotOf: (node, phase) => {
      const root = rootOf(node);
      return (phase === null ? undefined : inChunk[phase]!.get(root)) ?? kept.get(root)!;
    },
  };
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
