/**
 * A table as its kernels read it: what each group has, a piece of zeros, and the pieces. All that an edge needs of a piece lies in one
 * stretch, cache line by cache line.
 */
import type { RealArray } from '@mace/core/backend';
import { fixedSize, intervalLength, type TableGroup } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import { blockNumbers, numbersOfGroup, numbersOfGroups, type TableShape } from './kernels/table.js';

/** From [rows, terms, functions] to [groups, 4], zeros, and [rows, blocks, terms, functions of a block]. */
export function preparedTable(
  emitter: Emitter,
  shape: TableShape,
  groups: readonly TableGroup[],
  pieces: Value,
): Place {
  const { terms, functions } = shape;
  const block = blockNumbers(emitter.kernels.lanes, shape);
  const ofGroups = numbersOfGroups(shape);
  const ofPiece = terms * functions;
  const prepare = (values: RealArray, to: RealArray): void => {
    writeGroups(groups, to);
    to.fill(0, ofGroups, ofGroups + ofPiece);
    let at = ofGroups + ofPiece;
    for (let piece = 0; piece < values.length; piece += ofPiece)
      for (let first = 0; first < functions; first += block)
        for (let k = 0; k < terms; k++) {
          const from = piece + k * functions + first;
          for (let f = 0; f < block; f++) to[at++] = values[from + f]!;
        }
  };
  const key = `pieces ${groups.map(({ start, intervals, range }) => [start, intervals, ...range].join(' ')).join()}`;
  return emitter.prepared(key, pieces, ofGroups + ofPiece + fixedSize(pieces.node.type.shape), prepare);
}

/** The number of the first piece is a whole number among the others; piece 0 is the zeros. */
function writeGroups(groups: readonly TableGroup[], to: RealArray): void {
  const { BYTES_PER_ELEMENT: bytes } = to;
  const words = new Int32Array(to.buffer, to.byteOffset, groups.length * numbersOfGroup * (bytes / 4));
  for (const [i, group] of groups.entries()) {
    to.set([group.range[0], intervalLength(group), group.intervals - 1], i * numbersOfGroup);
    words[(i * numbersOfGroup + 3) * (bytes / 4)] = group.start + 1;
  }
}
