/** What a pass must know to compute rows of a value elsewhere, or fewer of them. */
import { nodesOf, type Node, type RuntimeDim, type Shape } from '../ir/index.js';

/** Whether row e of a result [rows, …] needs only row e of operands that have such rows, and all of those that have none. */
export function isRowByRow({ op, type, operands, attributes }: Node, dim: RuntimeDim): boolean {
  const rows = (shape: Shape): boolean => shape[0] === dim && shape.slice(1).every((size) => typeof size === 'number');
  if (!rows(type.shape)) return false;
  switch (op) {
    case 'input':
    case 'segmentSum':
    case 'table':
      return false;
    case 'call':
      return nodesOf(attributes.body).every(
        (inner) => inner.op === 'input' || inner.op === 'constant' || isRowByRow(inner, dim),
      );
    case 'transpose':
      return attributes.order[0] === 0;
    case 'concat':
    case 'slice':
    case 'pad':
      return attributes.axis !== 0;
    case 'matmul':
      return attributes.form !== 'tn' && attributes.group === undefined && rows(operands[0].type.shape);
    case 'broadcast':
    case 'reshape':
      return operands[0].type.shape[0] === dim || op === 'broadcast';
    default:
      return true;
  }
}
