/** A program → the calls of its steps, phase by phase. */
import {
  areSiblings,
  edgeRegion,
  planPhaseMemory,
  planPhases,
  rowDim,
  type Program,
  type Step,
} from '@mace/core/backend';
import type { Node, NodeOf } from '@mace/core/ir';
import { Emitter, type Value } from './emitter.js';
import { KernelSet } from './kernels/kernel-set.js';
import { isPointwise } from './kernels/pointwise.js';
import type { Lanes } from './lanes.js';
import { loweringsFor } from './lowering.js';
import { findViews } from './views.js';

/** @param frugal - whether sums over edges are made again too, which takes longer and leaves less to keep */
export function emit(program: Program<Emitter, Value>, lanes: Lanes, frugal: boolean): Emitter {
  const { ops } = loweringsFor(lanes);
  const plan = planPhases(program, { recompute: cheapToRecompute(frugal) });
  const views = findViews(program);
  const calls = program.steps.flatMap(({ node }) => (node.op === 'call' ? [node] : []));
  const siblingsOf = (node: NodeOf<'call'>): NodeOf<'call'>[] => calls.filter((other) => areSiblings(node, other));
  const memory = planPhaseMemory(program, plan, (node) => views.has(node));
  const emitter = new Emitter(new KernelSet(lanes), plan, memory, siblingsOf);
  const values = new Map<Node, Value>();
  const lower = ({ node, nodes, operands, fusion }: Step<Emitter, Value>, phase: number | null): void => {
    emitter.begin(node, phase);
    const inputs = operands.map((operand) => values.get(operand)!);
    const op = ops[node.op] as (emitter: Emitter, node: Node, operands: readonly Value[]) => Value;
    values.set(node, fusion ? fusion.lower(emitter, node, nodes, inputs) : op(emitter, node, inputs));
  };
  for (const step of program.steps) if (step.fixed) lower(step, null);
  plan.phases.forEach(({ steps }, phase) => steps.forEach((step) => lower(step, phase)));
  return emitter;
}

const cheapOps: readonly string[] = ['reshape', 'broadcast', 'sum', 'slice', 'concat', 'pad', 'gather'];

/** Whether a value of edges takes less to make again, from the inputs, than to keep and read for all of them. */
function cheapToRecompute(frugal: boolean): (node: Node) => boolean {
  const known = new Map<Node, boolean>();
  const isCheap = (node: Node): boolean => {
    let cheap = known.get(node);
    if (cheap === undefined) known.set(node, (cheap = decide(node)));
    return cheap;
  };
  const decide = (node: Node): boolean => {
    const operands = (node.operands as readonly Node[]).filter((operand) => rowDim(operand) !== null);
    const fromCheap = operands.length > 0 && operands.every((operand) => operand.op === 'input' || isCheap(operand));
    if (!fromCheap) return false;
    if (node.op === 'call') return frugal && edgeRegion(node.attributes.body)!.result.input === null;
    if (rowDim(node) !== 'edges') return node.op === 'reshape';
    return isPointwise(node) || cheapOps.includes(node.op) || (node.op === 'polynomial' && node.type.shape[2] === 1);
  };
  return isCheap;
}
