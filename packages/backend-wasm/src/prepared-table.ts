/** The pieces of a table as its kernels read them: all that an edge needs lies in one stretch, cache line by cache line. */
import type { RealArray } from '@mace/core/backend';
import { fixedSize } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import { blockNumbers, type TableShape } from './kernels/table.js';

/** From [groups, intervals, terms, functions] to [groups, intervals, blocks, terms, functions of a block]. */
export function preparedTable(emitter: Emitter, shape: TableShape, pieces: Value): Place {
  const { terms, functions } = shape;
  const block = blockNumbers(emitter.kernels.lanes, shape);
  const prepare = (values: RealArray, to: RealArray): void => {
    let at = 0;
    for (let piece = 0; piece < values.length; piece += terms * functions)
      for (let first = 0; first < functions; first += block)
        for (let k = 0; k < terms; k++) {
          const from = piece + k * functions + first;
          for (let f = 0; f < block; f++) to[at++] = values[from + f]!;
        }
  };
  return emitter.prepared('pieces', pieces, fixedSize(pieces.node.type.shape), prepare);
}
