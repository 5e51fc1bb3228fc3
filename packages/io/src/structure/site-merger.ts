/**
 * Keeps one of several periodic images at the same place. Candidates are looked up in a grid, so the cost is linear.
 */
import { timesMatrix } from './cell-parameters.js';

/** Sites nearer than this are one site, Å: coordinates of special positions are rounded to 3 digits in many files. */
export const sameSiteDistance = 0.05;

/** A periodic set of fractional positions in one cell. */
export class SiteMerger {
  private readonly bins = new Map<number, number[]>();
  private readonly sizes: readonly number[];
  private readonly sites: number[] = [];

  /** `inverse` is the inverse cell [3 3]; its column norms are the inverse heights. */
  constructor(
    private readonly cell: Float64Array,
    inverse: Float64Array,
  ) {
    this.sizes = [0, 1, 2].map((axis) => {
      const height = 1 / Math.hypot(inverse[axis] ?? 0, inverse[3 + axis] ?? 0, inverse[6 + axis] ?? 0);
      return Math.max(1, Math.min(2000, Math.floor(height / (2 * sameSiteDistance))));
    });
  }

  /** The index of a site at this place that was added before; undefined when there is none. */
  find(x: number, y: number, z: number): number | undefined {
    const [i, j, k] = this.bin(x, y, z);
    for (const di of this.steps(0)) {
      for (const dj of this.steps(1)) {
        for (const dk of this.steps(2)) {
          for (const site of this.bins.get(this.key(i + di, j + dj, k + dk)) ?? []) {
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
    const key = this.key(...this.bin(x, y, z));
    const bin = this.bins.get(key);
    if (bin === undefined) this.bins.set(key, [site]);
    else bin.push(site);
    return site;
  }

  private steps(axis: number): readonly number[] {
    return (this.sizes[axis] ?? 1) > 2 ? [-1, 0, 1] : this.sizes[axis] === 2 ? [0, 1] : [0];
  }

  private bin(x: number, y: number, z: number): [number, number, number] {
    const place = (value: number, axis: number): number =>
      Math.floor((value - Math.floor(value)) * (this.sizes[axis] ?? 1));
    return [place(x, 0), place(y, 1), place(z, 2)];
  }

  private key(i: number, j: number, k: number): number {
    const [a = 1, b = 1, c = 1] = this.sizes;
    return ((((i % a) + a) % a) * b + (((j % b) + b) % b)) * c + (((k % c) + c) % c);
  }

  private distance(site: number, x: number, y: number, z: number): number {
    const shift = (value: number, axis: number): number => {
      const difference = value - (this.sites[3 * site + axis] ?? 0);
      return difference - Math.round(difference);
    };
    return Math.hypot(...timesMatrix(shift(x, 0), shift(y, 1), shift(z, 2), this.cell));
  }
}
