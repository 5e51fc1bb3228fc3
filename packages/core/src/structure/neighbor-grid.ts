/**
 * What a search for neighbors needs beside the positions: atoms in bins, and which bins an atom has to look at. For backends that
 * search on their own; `findNeighbors` narrows the bins further as it goes.
 */
import { makeBins } from './bins.js';
import { makeFrame, triangular, type Frame } from './frame.js';
import { expectedEdges, maximumEdges } from './neighbor-limits.js';
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
  /** Bins in all windows together, the most atoms in one bin, and how many cells the farthest bin is away. */
  readonly proposed: number;
  readonly fullest: number;
  readonly cellsAway: number;
  /** More edges than this are refused. */
  readonly maximumEdges: number;
  /** Wrapped atoms at least as far apart as this are none; the cutoff and what rounding may add, Å. */
  readonly reach: number;
}

/** Where a window ends at the latest, so that its bounds are 32-bit numbers; nobody looks at so many. */
const farthestBin = 2 ** 30;

/** @throws StructureError for a structure that `validateStructure` refuses, UnsupportedError (`size`) for more than can be searched */
export function neighborGrid(structure: Structure, cutoff: number): NeighborGrid {
  validateStructure(structure);
  const frame = makeFrame(structure);
  const axes = triangular(frame.basis);
  const [a0, , , b1, , c2] = axes;
  const reach = cutoff * (1 + 1e-9) + frame.roundoff;
  const bins = makeBins(frame, [a0, b1, c2], [reach / 2, reach / 2, reach / 3]);
  const most = maximumEdges(structure.numbers.length);
  expectedEdges(structure, cutoff, axes, bins, most);
  const windows = windowsOf(structure, frame, bins.counts, reach);
  const { wrapped, wraps, cell } = frame;
  const { starts } = bins;
  const fullest = starts.reduce((most, start, bin) => Math.max(most, (starts[bin + 1] ?? start) - start), 0);
  const found = { windows, fullest, ...reachOf(windows, bins.counts) };
  return { ...bins, ...found, maximumEdges: most, wrapped, wraps, cell, reach };
}

function reachOf(windows: Int32Array, counts: readonly number[]): { proposed: number; cellsAway: number } {
  let proposed = 0;
  let cellsAway = 0;
  for (let at = 0; at < windows.length; at += 6) {
    let product = 1;
    for (let k = 0; k < 3; k++) {
      const [low, high] = [windows[at + 2 * k]!, windows[at + 2 * k + 1]!];
      product *= Math.max(0, high - low + 1);
      cellsAway = Math.max(cellsAway, Math.abs(low) / counts[k]!, Math.abs(high) / counts[k]!);
    }
    proposed += product;
  }
  return { proposed, cellsAway };
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
      const low = Math.max(Math.floor((fractions[at]! - extent) * bins), -farthestBin);
      const high = Math.min(Math.floor((fractions[at]! + extent) * bins), farthestBin);
      windows[2 * at] = pbc[k] ? low : Math.max(low, 0);
      windows[2 * at + 1] = pbc[k] ? high : Math.min(high, bins - 1);
    }
  }
  return windows;
}
