/**
 * Values that need no memory of their own, because those who use them read the operand instead: a reshape, one number for a
 * whole array, one row for all rows, rows found by an index map.
 */
import type { Program } from '@mace/core/backend';
import { fixedSize, type Node } from '@mace/core/ir';
import type { Emitter, Value } from './emitter.js';
import { isPointwise } from './kernels/pointwise.js';

export function findViews(program: Program<Emitter, Value>): Set<Node> {
  const users = new Map<Node, Node[]>();
  for (const { node, operands } of program.steps)
    for (const operand of operands) users.set(operand, [...(users.get(operand) ?? []), node]);
  const outputs = new Set(Object.values(program.graph.outputs));
  const steps = program.steps.filter(({ node, fixed }) => {
    if (node.op === 'reshape') return true;
    if (fixed || outputs.has(node) || (node.op !== 'broadcast' && node.op !== 'gather')) return false;
    const usedBy = users.get(node) ?? [];
    const [operand] = node.operands as readonly [Node];
    const onlyPolynomials = usedBy.every(({ op }) => op === 'polynomial');
    if (node.op === 'gather') return onlyPolynomials;
    const oneNumber = fixedSize(operand.type.shape) === 1 && operand.type.shape.every((dim) => typeof dim === 'number');
    if (oneNumber) return usedBy.every(isPointwise);
    const onlyRows = operand.type.shape.slice(1).every((dim, i) => dim === node.type.shape[i + 1]);
    return onlyRows && onlyPolynomials;
  });
  return new Set(steps.map(({ node }) => node));
}
