/**
 * How fast what the ensemble keeps drifts: the slope of a line through the means of ten blocks of the second half of the log. Its error is
 * by how much the blocks miss the line, which vibrations do not make too small: blocks are longer than their memory, and lines of a log
 * are not.
 */
import { lineThrough } from '../observers/line-fit.js';

export interface Drift {
  /** meV/atom/ns */
  readonly value: number;
  /** Standard error, meV/atom/ns. */
  readonly error: number;
}

const blocks = 10;
/** Of a block: lines, and the time in which vibrations forget, fs. */
const fewestLines = 2;
const shortest = 100;

/** @param log - columns in fs and eV @returns null where the second half is too short to say: below 20 lines, or 1000 fs */
export function driftOf(
  { time = new Float64Array(0), conserved = new Float64Array(0) }: Readonly<Record<string, Float64Array>>,
  atoms: number,
): Drift | null {
  const first = Math.floor(time.length / 2);
  const lines = (time.length - first) / blocks;
  const elapsed = (time.at(-1) ?? 0) - (time[first] ?? 0);
  if (atoms === 0 || lines < fewestLines || elapsed < blocks * shortest) return null;
  const meansOf = (values: Float64Array): number[] =>
    Array.from({ length: blocks }, (_, block) => {
      const own = values.subarray(first + Math.floor(block * lines), first + Math.floor((block + 1) * lines));
      return own.reduce((sum, value) => sum + value / own.length, 0);
    });
  const [times, levels] = [meansOf(time), meansOf(conserved)];
  const { slope, at } = lineThrough(times, levels);
  const middle = times.reduce((sum, t) => sum + t / blocks, 0);
  const misses = times.reduce((sum, t, i) => sum + (levels[i]! - at(t)) ** 2, 0);
  const spread = times.reduce((sum, t) => sum + (t - middle) ** 2, 0);
  const scale = (1e3 * 1e6) / atoms;
  return { value: scale * slope, error: scale * Math.sqrt(misses / (blocks - 2) / spread) };
}
