// What a run in phases keeps of all atoms, and that nothing is read before it is complete.
import { describe, expect, it } from 'vitest';
import { deterministicModel, tinyModels } from '../generators/index.js';
import { GraphBuilder } from '../ir/builder.js';
import { simplify } from '../ir/simplify.js';
import type { Graph, IndexMap, Node } from '../ir/types.js';
import { maceGraph, observablesGraph } from '../model/index.js';
import { planPhaseMemory } from './phase-memory.js';
import { edgeRegion } from './regions/edge-region.js';
import { planPhases, rowNumbers } from './phases.js';
import { compileProgram, type Program } from './pipeline.js';

const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
const isView = (node: Node): boolean => node.op === 'reshape';

/** A backend that has every op and the calls of edge regions. */
function programOf(graph: Graph): Program<unknown, unknown> {
  const anything = new Proxy({}, { get: () => () => null });
  const supports = (node: Node): boolean => node.op !== 'call' || edgeRegion(node.attributes.body) !== null;
  return compileProgram(graph, { ops: anything as never, supports });
}

const forces = programOf(
  simplify(observablesGraph(maceGraph(deterministicModel(tinyModels.B.config)), ['atomEnergy', 'forces'])),
);

describe('planPhases', () => {
  it('puts what reads other atoms after the phase that makes them', () => {
    const plan = planPhases(forces);
    expect(plan.owner).toBe('receiver');
    // Embedding, two layers, the reverse of the first, forces.
    expect(plan.phases.filter(({ byRows }) => byRows).length).toBe(5);
    for (const [phase, { byRows, steps }] of plan.phases.entries()) {
      const before = new Set<Node>();
      for (const { node, operands } of steps) {
        for (const operand of operands) {
          const made = plan.phaseOf.get(operand);
          if (made === undefined) continue;
          const together = byRows && plan.readsRows(node, operand) && !plan.scattered.has(operand);
          if (made === phase) expect(before.has(operand) && (together || !byRows)).toBe(true);
          else expect(made).toBeLessThan(phase);
        }
        before.add(node);
      }
    }
  });

  it('makes wide values where they are read, and cheap ones again', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['edges', 3]);
    const wide = build.matmul(build.mul(x, x), build.parameter('w', [3, 50]));
    const first = build.segmentSum(build.mul(x, x), receiver);
    const message = build.mul(wide, build.expand(build.sum(build.gather(first, sender), [1]), ['edges', 50], [0]));
    const program = programOf(build.finish('late', { out: build.segmentSum(message, receiver) }));
    const squares = program.steps.find(({ node }) => node.op === 'mul' && node.operands[0] === node.operands[1])!.node;
    const plan = planPhases(program, { recompute: (node) => node === squares });
    expect(plan.phases.map(({ steps }) => steps.map(({ node }) => node.op))).toEqual([
      ['input'],
      ['mul', 'segmentSum'],
      ['mul', 'matmul', 'gather', 'sum', 'reshape', 'broadcast', 'mul', 'segmentSum'],
    ]);
  });

  it('keeps nothing of all edges that is as wide as their channels', () => {
    const plan = planPhases(forces);
    const { slots } = planPhaseMemory(forces, plan, isView);
    const kept = slots.filter(({ home, dims }) => home === 'run' && dims.includes('edges'));
    const channels = Math.max(...forces.steps.map(({ node }) => (node.op === 'call' ? rowNumbers(node) : 0)));
    expect(Math.max(...kept.map(({ width }) => width))).toBeLessThan(channels);
  });

  it('runs sums of everything as a whole', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['atoms', 4]);
    const y = build.mul(x, x);
    const mean = build.expand(build.sum(y, [0]), ['atoms', 4], [1]);
    const plan = planPhases(programOf(build.finish('deviation', { out: build.sub(y, mean) })));
    const names = plan.phases.map(({ byRows, steps }) => [byRows, steps.map(({ node }) => node.op).join(' ')]);
    expect(names).toEqual([
      [false, 'input'],
      [true, 'mul'],
      [false, 'sum reshape'],
      [true, 'broadcast sub'],
    ]);
  });
});

describe('planPhaseMemory', () => {
  it('gives two values one slot only when no phase, and no step of one, needs both', () => {
    const plan = planPhases(forces);
    const memory = planPhaseMemory(forces, plan, isView);
    for (const [phase, { steps }] of plan.phases.entries()) {
      const lastUse = new Map<Node, number>();
      steps.forEach(({ node, operands }, i) =>
        [node, ...operands].forEach((each) => lastUse.set(memory.rootOf(each), i)),
      );
      const holder = new Map<number, Node>();
      for (const [i, { node, operands }] of steps.entries()) {
        for (const operand of operands.filter((each) => plan.phaseOf.get(memory.rootOf(each)) === phase)) {
          const root = memory.rootOf(operand);
          expect(holder.get(memory.slotOf(root, phase))).toBe(root);
        }
        if (memory.rootOf(node) !== node) continue;
        const slot = memory.slotOf(node, phase);
        const before = holder.get(slot);
        if (before) expect(lastUse.get(before)!).toBeLessThan(i);
        holder.set(slot, node);
      }
    }
  });
});
