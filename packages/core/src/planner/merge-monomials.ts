/**
 * Folding of a coupling basis: where one operand of a polynomial is a table read by row and every monomial is linear in
 * it, monomials that differ only in that factor become one, with a merged coefficient per row of the table.
 *
 * For the symmetric contraction this leaves one coefficient per distinct monomial and element. The pass looks at what
 * an operand depends on, never at where it came from.
 */
import {
  polynomialTable,
  rewrite,
  type Graph,
  type GraphBuilder,
  type Monomial,
  type Node,
  type NodeOf,
} from '../ir/index.js';

/** @param isFixed - true for nodes that depend on parameters and constants only */
export function mergeMonomials(graph: Graph, isFixed: (node: Node) => boolean): Graph {
  return rewrite(graph, (build, node, operands) =>
    node.op === 'polynomial' ? merge(build, node, operands, isFixed) : null,
  );
}

function merge(
  build: GraphBuilder,
  node: NodeOf<'polynomial'>,
  operands: readonly Node[],
  isFixed: (node: Node) => boolean,
): Node | null {
  const k = node.operands.findIndex((operand, i) => isTable(operand, isFixed) && isLinearIn(node, i));
  if (k < 0) return null;
  const slots = new Map<string, number>();
  const monomials: Monomial[] = [];
  const entries: [from: number, to: number, coefficient: number][] = [];
  for (const { out, coefficient, factors } of node.attributes.table.monomials) {
    const rest = factors.filter((f) => f.operand !== k);
    const key = `${out}|${rest.map((f) => `${f.operand}.${f.component}`).join(' ')}`;
    let slot = slots.get(key);
    if (slot === undefined) {
      slots.set(key, (slot = slots.size));
      monomials.push({ out, coefficient: 1, factors: [...rest, { operand: k, component: slot }] });
    }
    entries.push([factors.find((f) => f.operand === k)!.component, slot, coefficient]);
  }
  if (slots.size >= node.attributes.table.monomials.length) return null;
  return build.scoped(node.scope, () => {
    const source = operands[k]!;
    const rows = (source.operands as readonly Node[])[0]!;
    const [, width, channels] = rows.type.shape as readonly number[];
    const basis = new Array<number>(width! * slots.size).fill(0);
    for (const [from, to, coefficient] of entries) basis[from * slots.size + to]! += coefficient;
    const merged = build.transpose(
      build.matmul(build.transpose(rows, [0, 2, 1]), build.constant(basis, [width!, slots.size])),
      [0, 2, 1],
    );
    const shape = [source.type.shape[0]!, slots.size, channels!] as const;
    const read = source.op === 'gather' ? build.gather(merged, source.attributes.map) : build.broadcast(merged, shape);
    return build.polynomial(
      operands.map((operand, i) => (i === k ? read : operand)),
      polynomialTable(node.attributes.table.outputs, monomials),
    );
  });
}

/** A fixed table [groups, components, channels] read by row, or one row for all. */
function isTable(operand: Node, isFixed: (node: Node) => boolean): boolean {
  if (operand.op !== 'gather' && operand.op !== 'broadcast') return false;
  const rows = operand.operands[0];
  if (!isFixed(rows) || rows.type.shape.length !== 3) return false;
  return (
    operand.op === 'gather' ||
    (rows.type.shape[0] === 1 &&
      rows.type.shape[1] === operand.type.shape[1] &&
      rows.type.shape[2] === operand.type.shape[2])
  );
}

function isLinearIn(node: NodeOf<'polynomial'>, k: number): boolean {
  return node.attributes.table.monomials.every((m) => m.factors.filter((f) => f.operand === k).length === 1);
}
