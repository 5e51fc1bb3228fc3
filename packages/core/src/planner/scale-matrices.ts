/** Numbers that multiply what goes into or comes out of a product with a fixed matrix multiply the matrix instead. */
import { nodesOf, rewrite, usersOf, type Graph, type Node } from '../ir/index.js';

/** @param isFixed - true for nodes that depend on parameters and constants only */
export function scaleMatrices(graph: Graph, isFixed: (node: Node) => boolean): Graph {
  const users = usersOf(nodesOf(graph));
  const outputs = new Set(Object.values(graph.outputs));
  const onlyOne = (node: Node): boolean => users.get(node)!.length === 1 && !outputs.has(node);
  return rewrite(graph, (build, node, operands) => {
    if (node.op === 'matmul' && node.attributes.form !== 'tn') {
      const factor = scaled(node.operands[0]);
      const rows = operands[0]!;
      if (!factor || !isFixed(node.operands[1]) || rows.op !== 'mul') return null;
      return build.scoped(node.scope, () =>
        build.matmul(
          rows.operands[factor.of]!,
          build.scale(operands[1]!, factor.by),
          node.attributes.form,
          node.attributes.group,
        ),
      );
    }
    const factor = scaled(node);
    if (!factor || node.op !== 'mul') return null;
    const product = node.operands[factor.of];
    const made = operands[factor.of]!;
    if (product.op !== 'matmul' || product.attributes.form === 'tn' || !isFixed(product.operands[1])) return null;
    if (!onlyOne(product) || made.op !== 'matmul') return null;
    return build.scoped(product.scope, () =>
      build.matmul(
        made.operands[0],
        build.scale(made.operands[1], factor.by),
        product.attributes.form,
        product.attributes.group,
      ),
    );
  });
}

/** The number that a value is a multiple by, and the operand that is multiplied. */
function scaled(node: Node): { by: number; of: 0 | 1 } | null {
  if (node.op !== 'mul') return null;
  for (const of of [0, 1] as const) {
    const number = node.operands[1 - of]!;
    const source = number.op === 'broadcast' ? number.operands[0] : number;
    if (source.op === 'constant' && source.attributes.values.length === 1)
      return { by: source.attributes.values[0]!, of };
  }
  return null;
}
