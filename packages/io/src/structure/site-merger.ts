/**
 * Keeps one of several periodic images at the same place. Candidates are looked up in a grid, so the cost is linear.
 */
import { timesMatrix } from './cell-parameters.js';

/** Sites nearer than this are one site, Å: coordinates of special positions are rounded to 3 digits in many files. */
export const sameSiteDistance = 0.05;

/** Å; a bin of that size holds an atom or none, and most places are far from its walls. */
const binSize = 1;
/** Bins along one axis: their number in the cell stays a whole number that float64 holds. */
const maximumBins = 100_000;

/** A periodic set of fractional positions in one cell. */
export class SiteMerger {
  private readonly bins = new Map<number, number[]>();
  private readonly sizes: readonly [number, number, number];
  /** How near to a wall, in bins, the neighboring bin has to be looked at. */
  private readonly margins: readonly [number, number, number];
  private readonly sites: number[] = [];

  /** `inverse` is the inverse cell [3 3]; its column norms are the inverse heights. */
  constructor(
    private readonly cell: Float64Array,
    inverse: Float64Array,
  ) {
    const heights = [0, 1, 2].map(
      (axis) => 1 / Math.hypot(inverse[axis] ?? 0, inverse[3 + axis] ?? 0, inverse[6 + axis] ?? 0),
    );
    const sizes = heights.map((height) => Math.max(1, Math.min(maximumBins, Math.floor(height / binSize))));
    this.sizes = sizes as [number, number, number];
    this.margins = sizes.map((size, axis) => (sameSiteDistance * size) / (heights[axis] ?? 1)) as [
      number,
      number,
      number,
    ];
  }

  /** The index of a site at this place that was added before; undefined when there is none. */
  find(x: number, y: number, z: number): number | undefined {
    const [, b, c] = this.sizes;
    for (const i of this.binsAround(x, 0)) {
      for (const j of this.binsAround(y, 1)) {
        for (const k of this.binsAround(z, 2)) {
          for (const site of this.bins.get((i * b + j) * c + k) ?? []) {
            if (this.distance(site, x, y, z) < sameSiteDistance) return site;
          }
        }
      }
    }
    return undefined;
  }

  /** Adds a site and returns its index. */
  add(x: number, y: number, z: number): number {
    const site = this.sites.length / 3;
    this.sites.push(x, y, z);
    const [, b, c] = this.sizes;
    const key = (this.bin(x, 0) * b + this.bin(y, 1)) * c + this.bin(z, 2);
    const bin = this.bins.get(key);
    if (bin === undefined) this.bins.set(key, [site]);
    else bin.push(site);
    return site;
  }

  private bin(value: number, axis: 0 | 1 | 2): number {
    const size = this.sizes[axis];
    return Math.min(size - 1, Math.floor((value - Math.floor(value)) * size));
  }

  /** The bin of a coordinate, and the one beyond a wall that is near. */
  private binsAround(value: number, axis: 0 | 1 | 2): readonly number[] {
    const size = this.sizes[axis];
    const bin = this.bin(value, axis);
    const place = (value - Math.floor(value)) * size - bin;
    const margin = this.margins[axis];
    const around = [bin];
    if (size > 1 && place < margin) around.push((bin + size - 1) % size);
    if (size > 1 && place > 1 - margin && (bin + 1) % size !== around[1]) around.push((bin + 1) % size);
    return around;
  }

  private distance(site: number, x: number, y: number, z: number): number {
    const shift = (value: number, axis: number): number => {
      const difference = value - (this.sites[3 * site + axis] ?? 0);
      return difference - Math.round(difference);
    };
    return Math.hypot(...timesMatrix(shift(x, 0), shift(y, 1), shift(z, 2), this.cell));
  }
}
