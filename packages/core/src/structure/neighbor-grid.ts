/**
 * What a search for neighbors needs beside the positions: atoms in bins, and which bins an atom has to look at. For backends that
 * search on their own; `findNeighbors` narrows the bins further as it goes.
 */
import { makeBins } from './bins.js';
import { makeFrame, triangular, type Frame } from './frame.js';
import type { Structure } from './structure.js';
import { validateStructure } from './validate.js';
import { cellInverse } from './cell.js';

export interface NeighborGrid {
  /** Number of bins along each edge of the frame; the last varies fastest. */
  readonly counts: readonly [number, number, number];
  /** First position in `atoms` of each bin; one longer than the number of bins. */
  readonly starts: Int32Array;
  /** Atoms grouped by bin. */
  readonly atoms: Int32Array;
  /**
   * First and last bin along each edge that may hold a neighbor [atoms 3 2]. Along periodic directions bins go on beyond the cell: bin q is
   * bin q mod n, floor(q / n) cells away.
   */
  readonly windows: Int32Array;
  /** `position = wrapped + wraps · cell`; Å [atoms 3], cells [atoms 3], Å [3 3] with zeros along directions that are not periodic. */
  readonly wrapped: Float64Array;
  readonly wraps: Int32Array;
  readonly cell: Float64Array;
  /** Wrapped atoms at least as far apart as this are none; the cutoff and what rounding may add, Å. */
  readonly reach: number;
}

/** @throws StructureError for a structure that `validateStructure` refuses */
export function neighborGrid(structure: Structure, cutoff: number): NeighborGrid {
  validateStructure(structure);
  const frame = makeFrame(structure);
  const [a0, , , b1, , c2] = triangular(frame.basis);
  const reach = cutoff * (1 + 1e-9) + frame.roundoff;
  const { counts, starts, atoms } = makeBins(frame, [a0, b1, c2], [reach / 2, reach / 2, reach / 3]);
  const { wrapped, wraps, cell } = frame;
  return { counts, starts, atoms, windows: windowsOf(structure, frame, counts, reach), wrapped, wraps, cell, reach };
}

function windowsOf(
  { pbc }: Structure,
  { basis, fractions }: Frame,
  counts: readonly number[],
  reach: number,
): Int32Array {
  const inverse = cellInverse(basis);
  const windows = new Int32Array(2 * fractions.length);
  for (let k = 0; k < 3; k++) {
    // The sphere's extent in units of the edge: its radius over the distance between the faces.
    const extent = reach * Math.hypot(inverse[k]!, inverse[3 + k]!, inverse[6 + k]!) * (1 + 1e-12);
    const bins = counts[k]!;
    for (let at = k; at < fractions.length; at += 3) {
      const low = Math.floor((fractions[at]! - extent) * bins);
      const high = Math.floor((fractions[at]! + extent) * bins);
      windows[2 * at] = pbc[k] ? low : Math.max(low, 0);
      windows[2 * at + 1] = pbc[k] ? high : Math.min(high, bins - 1);
    }
  }
  return windows;
}
