/** Functions of numbers at the same place: one op, or a chain of them that one kernel computes without memory in between. */
import { fusedOperands, type Fusion } from '@mace/core/backend';
import type { Node, Shape } from '@mace/core/ir';
import { valueOf, type Dispatch, type Emitter } from './dispatch.js';
import { expressionOf, isPointwise } from './elementary.js';
import * as kernels from './kernels.js';

/** Longer chains take long to compile and spill registers. */
const mostNodes = 48;

/** One dispatch for nodes in order, the last one their result. */
export function chainOf(nodes: readonly Node[]): Dispatch {
  const operands = fusedOperands(nodes);
  const names = new Map<Node, string>();
  const lines = nodes.map((node, i) => {
    const of = (operand: Node): string =>
      names.get(operand) ?? `x${operands.indexOf(operand)}[${node.op === 'broadcast' ? '0' : 'index'}]`;
    const all = (node.operands as readonly Node[]).map(of);
    const value = isPointwise(node.op) ? expressionOf(node.op, all) : all[0]!;
    names.set(node, `v${i}`);
    return i === nodes.length - 1 ? `out[index] = ${value};` : `let v${i} = ${value};`;
  });
  return {
    kernel: kernels.pointwise(operands.length, lines.join('\n')),
    sources: operands.map(valueOf),
    node: nodes.at(-1)!,
    work: () => nodes.length,
  };
}

/** Pointwise ops of one shape, and single numbers that are spread over it. @param mostArrays - that a kernel may read */
export function pointwiseChains(mostArrays: number): Fusion<Emitter, Node> {
  return {
    name: 'pointwise-chain',
    match: (result, users) => {
      if (!isPointwise(result.op)) return null;
      const matched = new Set<Node>([result]);
      const candidates = [...(result.operands as readonly Node[])];
      for (let node = candidates.pop(); node; node = candidates.pop()) {
        if (matched.has(node) || matched.size >= mostNodes) continue;
        if (!sameShape(node.type.shape, result.type.shape) || !(isPointwise(node.op) || spreadsOneNumber(node)))
          continue;
        if (!users.get(node)?.every((user) => matched.has(user))) continue;
        if (fusedOperands([...matched, node]).length > mostArrays) continue;
        matched.add(node);
        if (isPointwise(node.op)) candidates.push(...(node.operands as readonly Node[]));
      }
      return matched.size > 1 ? [...matched] : null;
    },
    lower: (emitter, node, matched) => {
      emitter.add(chainOf(matched));
      return node;
    },
  };
}

function spreadsOneNumber(node: Node): boolean {
  return node.op === 'broadcast' && (node.operands[0] as Node).type.shape.every((dim) => dim === 1);
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}
