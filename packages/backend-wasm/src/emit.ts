/** A program → the calls of its steps, phase by phase. */
import { areSiblings, planPhaseMemory, planPhases, type Program } from '@mace/core/backend';
import type { Node, NodeOf } from '@mace/core/ir';
import { Emitter, type Value } from './emitter.js';
import { KernelSet } from './kernels/kernel-set.js';
import type { Lanes } from './lanes.js';
import { loweringsFor } from './lowering.js';
import { findViews } from './views.js';

export function emit(program: Program<Emitter, Value>, lanes: Lanes): Emitter {
  const { ops } = loweringsFor(lanes);
  const plan = planPhases(program);
  const views = findViews(program);
  const calls = program.steps.flatMap(({ node }) => (node.op === 'call' ? [node] : []));
  const siblingsOf = (node: NodeOf<'call'>): NodeOf<'call'>[] => calls.filter((other) => areSiblings(node, other));
  const memory = planPhaseMemory(program, plan, (node) => views.has(node));
  const emitter = new Emitter(new KernelSet(lanes), plan, memory, siblingsOf);
  const values = new Map<Node, Value>();
  const inOrder = [...program.steps.filter(({ fixed }) => fixed), ...plan.phases.flatMap(({ steps }) => steps)];
  for (const { node, nodes, operands, fusion } of inOrder) {
    emitter.begin(node, plan.phaseOf.get(node) ?? null);
    const inputs = operands.map((operand) => values.get(operand)!);
    const lower = ops[node.op] as (emitter: Emitter, node: Node, operands: readonly Value[]) => Value;
    values.set(node, fusion ? fusion.lower(emitter, node, nodes, inputs) : lower(emitter, node, inputs));
  }
  return emitter;
}
