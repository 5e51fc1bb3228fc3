/** The knots of a table as its kernels read them. */
import { fixedSize } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import { preparedKnots, type TableShape } from './kernels/table.js';

export function preparedTable(emitter: Emitter, shape: TableShape, knotData: Value): Place {
  const size = (fixedSize(knotData.node.type.shape) / 2) * 3;
  return emitter.prepared('knots', knotData, size, (values) => preparedKnots(values, shape));
}
