/**
 * The diffusion coefficient, a sixth of the slope of mean-square displacements: Einstein's relation, Frenkel and Smit, Understanding
 * Molecular Simulation, 2nd edition (2002), equation 4.4.10. The line is fitted from a quarter of a block of the run to a whole one, which
 * is a fortieth to a fifth of the run; the error is that of the slopes of the blocks. Where atoms do not diffuse, or not yet, there is none.
 */
import { meanOf } from './block-average.js';
import { lineThrough } from './line-fit.js';
import type { Quantity } from './observer.js';
import type { LagMean } from './squared-differences.js';

export interface Diffusion {
  readonly coefficient?: Quantity;
  /** At all times, NaN where it is not fitted, Å². */
  readonly line?: readonly number[];
  /** How it was found, or why there is none. */
  readonly note: string;
}

/** 1 Å²/fs in cm²/s. */
const squareCentimetersPerSecond = 0.1;
/** Of slopes, for their error. */
const fewestBlocks = 3;
/** By so much the power of time may be off 1; by more where blocks leave it uncertain, but by no more than that. */
const surelyLinear = 0.15;
const mostOff = 0.4;
/** Å, root of the mean square: no crystal vibrates so far before it melts, and no atom gets to another place by less. */
const leastWay = 1;

/**
 * @param all - displacements of all the run, Å²
 * @param blocks - those of its blocks
 * @param width - of a block, frames
 * @param interval - from frame to frame, fs
 */
export function diffusion(
  all: readonly LagMean[],
  blocks: readonly (readonly LagMean[])[],
  width: number,
  interval: number,
): Diffusion {
  const within = (points: readonly LagMean[]): LagMean[] =>
    points.filter(({ lag }) => lag >= width / 4 && lag <= width);
  const window = within(all);
  if (window.length < 3) return { note: 'the run is too short for a diffusion coefficient' };
  const each = blocks.map(within).filter(({ length }) => length === window.length);
  const [from, to] = [window[0]!.lag, window.at(-1)!.lag];
  const times = `from ${shown(from * interval)} to ${shown(to * interval)} fs`;
  const problem = noDiffusion(window, each);
  if (problem !== null)
    return { note: `${times} ${problem}: this is no diffusion, or not yet, and has no coefficient. Run longer` };
  const lineOf = (points: readonly LagMean[]): ReturnType<typeof lineThrough> =>
    lineThrough(
      points.map(({ lag }) => lag * interval),
      points.map(({ value }) => value),
    );
  const { slope, at } = lineOf(window);
  const scale = squareCentimetersPerSecond / 6;
  const { error } = meanOf(each.map((points) => scale * lineOf(points).slope));
  return {
    coefficient: { name: 'diffusion coefficient', unit: 'cm²/s', value: scale * slope, error },
    line: all.map(({ lag }) => (lag >= from && lag <= to ? at(lag * interval) : NaN)),
    note: `the line is fitted ${times}, the error is that of ${each.length} blocks of ${shown(width * interval)} fs`,
  };
}

/** Why displacements over some times are not those of diffusion, or null. @param blocks - the same times in blocks of the run */
function noDiffusion(window: readonly LagMean[], blocks: readonly (readonly LagMean[])[]): string | null {
  if (blocks.length < fewestBlocks) return `there are ${blocks.length} blocks of the run, too few for an error`;
  const way = Math.sqrt(window.at(-1)!.value);
  if (way < leastWay) return `atoms go ${way.toPrecision(2)} Å, less than the ${leastWay} Å that lead to another place`;
  const growth = growthOf(window);
  const uncertain = Math.min(2 * meanOf(blocks.map(growthOf)).error, mostOff);
  if (Math.abs(growth - 1) <= Math.max(surelyLinear, uncertain)) return null;
  return `the displacement grows as time to the power of ${growth.toFixed(2)}, not of 1`;
}

/** The power of time that displacements grow as. */
function growthOf(points: readonly LagMean[]): number {
  return lineThrough(
    points.map(({ lag }) => Math.log(lag)),
    points.map(({ value }) => Math.log(value)),
  ).slope;
}

function shown(time: number): string {
  return String(Number(time.toPrecision(6)));
}
