/** The knots of a table as its kernels read them. */
import { fixedSize, prepareKnots } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import type { TableShape } from './kernels/table.js';

export function preparedTable(emitter: Emitter, shape: TableShape, knotData: Value): Place {
  const size = (fixedSize(knotData.node.type.shape) / shape.derivatives) * (shape.derivatives + 1);
  return emitter.prepared('knots', knotData, size, (values, to) => prepareKnots(values, to, shape));
}
