/** What a pass must know to compute rows of a value elsewhere, or fewer of them. */
import { isLeaf, mapOf, rowsRead, type Node, type RuntimeDim, type Shape } from '../ir/index.js';

/** Whether row e of a result [rows, …] needs only row e of operands that have such rows, and all of those that have none. */
export function isRowByRow(node: Node, dim: RuntimeDim): boolean {
  const { shape } = node.type;
  if (isLeaf(node) || shape[0] !== dim || !isFixed(shape.slice(1)) || !canMove(node)) return false;
  return (node.operands as readonly Node[]).every(
    (operand, i) => rowsRead(node, i) === 'own' || !operand.type.shape.includes(dim),
  );
}

/**
 * Whether a node means the same on other rows. The body of a table is written for its rows, and so is an index map; that of a
 * `gather` alone is composed with another by whoever moves it.
 */
function canMove(node: Node): boolean {
  if (node.op === 'call') return node.attributes.body.maps.length === 0;
  return node.op !== 'table' && (node.op === 'gather' || mapOf(node) === undefined);
}

function isFixed(shape: Shape): boolean {
  return shape.every((size) => typeof size === 'number');
}
