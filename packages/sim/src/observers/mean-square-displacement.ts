/**
 * The mean-square displacement of atoms after a time, averaged over all times to begin with, and the diffusion coefficient, a sixth
 * of its slope: Einstein's relation, Frenkel and Smit, Understanding Molecular Simulation, 2nd edition (2002), equation 4.4.10.
 *
 * The drift of the center of mass is taken out first. The line is fitted from a quarter of a block of the run to a whole one, which is
 * a fortieth to a fifth of the run; the error is that of the slopes of the blocks.
 */
import { meanOf } from './block-average.js';
import { chosenAtoms } from './chosen-atoms.js';
import { lineThrough } from './line-fit.js';
import { largestRadius } from './minimum-image.js';
import type { Column, Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { Spacing } from './spacing.js';
import { SquaredDifferences, type LagMean } from './squared-differences.js';
import { fileWord } from './table.js';

/** 1 Å²/fs in cm²/s. */
const squareCentimetersPerSecond = 0.1;

export interface MeanSquareDisplacementOptions {
  /** Whose displacement; that of all atoms where it is left out. */
  readonly element?: string;
}

export class MeanSquareDisplacement implements Observer {
  readonly spelling: string;
  readonly #element: string | undefined;
  readonly #spacing: Spacing;
  #atoms: Int32Array | null = null;
  #squares: SquaredDifferences | null = null;
  /** Frames in which an atom went farther than half the cell: positions that are wrapped do. */
  #jumps: number;

  /** @param state - of an observer with the same options, to go on from */
  constructor({ element }: MeanSquareDisplacementOptions = {}, state?: ObserverState) {
    this.#element = element;
    this.spelling = element === undefined ? 'msd' : `msd:${element}`;
    this.#spacing = new Spacing(this.spelling, state);
    this.#jumps = Number(state?.['jumps'] ?? 0);
    if (state && this.#spacing.frames > 0)
      this.#squares = new SquaredDifferences(Number(state['size']), this.spelling, state);
  }

  add(frame: Frame): void {
    this.#atoms ??= chosenAtoms(this.spelling, frame, this.#element);
    this.#spacing.nextInTime(frame);
    const places = centered(frame, this.#atoms);
    this.#squares ??= new SquaredDifferences(places.length);
    if (this.#squares.count > 0 && farthest(places, this.#squares.last()) > largestRadius(frame)) this.#jumps++;
    this.#squares.add(places);
  }

  latest(): readonly Quantity[] {
    return [];
  }

  result(): ObserverResult {
    const { frames, interval } = this.#spacing;
    const all = this.#means();
    const notes = ['the drift of the center of mass of all atoms is taken out'];
    if (this.#jumps > 0)
      notes.push(
        `in ${this.#jumps} of ${frames} frames an atom goes farther than half the cell: where positions are wrapped into the cell, as in some files, all this is wrong`,
      );
    const columns: Column[] = [
      { name: 'time', unit: 'fs', values: all.map(({ lag }) => lag * interval) },
      { name: 'mean-square displacement', unit: 'Å²', values: all.map(({ value }) => value) },
    ];
    const fit = this.#fit(all, notes);
    if (fit) columns.push({ name: 'fit', unit: 'Å²', values: fit.line });
    const title = `Mean-square displacement, ${this.#element ?? 'all atoms'}`;
    return {
      spelling: this.spelling,
      frames,
      quantities: fit ? [fit.coefficient] : [],
      tables: [{ name: fileWord(this.spelling), title, columns }],
      notes,
    };
  }

  state(): ObserverState {
    return {
      ...this.#squares?.state(),
      ...this.#spacing.state(),
      jumps: this.#jumps,
    };
  }

  /** Of an atom, Å²; of all blocks, or of one. */
  #means(block?: number): LagMean[] {
    const means = (block === undefined ? this.#squares?.means() : this.#squares?.means(block, block + 1)) ?? [];
    const atoms = (this.#squares?.size ?? 3) / 3;
    return means.map(({ lag, value }) => ({ lag, value: value / atoms }));
  }

  /** The line at all times, NaN where it is not fitted; undefined for a run that is too short. Notes say what it is worth. */
  #fit(all: readonly LagMean[], notes: string[]): { coefficient: Quantity; line: number[] } | undefined {
    const { interval } = this.#spacing;
    const width = this.#squares?.width ?? 1;
    const window = all.filter(({ lag }) => lag >= width / 4 && lag <= width);
    if (window.length < 3) {
      notes.push('the run is too short for a diffusion coefficient');
      return undefined;
    }
    const slopeOf = (points: readonly LagMean[]): ReturnType<typeof lineThrough> =>
      lineThrough(
        points.map(({ lag }) => lag * interval),
        points.map(({ value }) => value),
      );
    const { slope, at } = slopeOf(window);
    const lags = new Set(window.map(({ lag }) => lag));
    const slopes: number[] = [];
    // Without the first block, in which long times have no beginning.
    for (let block = 1; block < Math.floor((this.#squares?.count ?? 0) / width); block++) {
      const points = this.#means(block).filter(({ lag }) => lags.has(lag));
      if (points.length === window.length) slopes.push(slopeOf(points).slope);
    }
    const scale = squareCentimetersPerSecond / 6;
    const error = slopes.length < 3 ? NaN : scale * meanOf(slopes).error;
    const [from, to] = [window[0]!.lag, window.at(-1)!.lag];
    notes.push(
      `the line is fitted from ${shown(from * interval)} to ${shown(to * interval)} fs${Number.isNaN(error) ? '' : `, the error is that of ${slopes.length} blocks of ${shown(width * interval)} fs`}`,
    );
    const growth = lineThrough(
      window.map(({ lag }) => Math.log(lag)),
      window.map(({ value }) => Math.log(value)),
    ).slope;
    if (!(Math.abs(growth - 1) < 0.15))
      notes.push(
        `there the displacement grows as time to the power of ${growth.toFixed(2)}, not of 1: this is no diffusion yet, and the coefficient means little. Run longer`,
      );
    return {
      coefficient: {
        name: 'diffusion coefficient',
        unit: 'cm²/s',
        value: scale * slope,
        ...(Number.isNaN(error) ? {} : { error }),
      },
      line: all.map(({ lag }) => (lag >= from && lag <= to ? at(lag * interval) : NaN)),
    };
  }
}

/** Positions of atoms relative to the center of mass of all; a single atom would be its own, and stays where it is. */
function centered({ positions, masses }: Frame, atoms: Int32Array): Float64Array {
  const center = [0, 0, 0];
  if (masses.length > 1) {
    let mass = 0;
    for (let atom = 0; atom < masses.length; atom++) {
      mass += masses[atom]!;
      for (let x = 0; x < 3; x++) center[x]! += masses[atom]! * positions[3 * atom + x]!;
    }
    for (let x = 0; x < 3; x++) center[x]! /= mass;
  }
  return Float64Array.from(
    { length: 3 * atoms.length },
    (_, i) => positions[3 * atoms[Math.floor(i / 3)]! + (i % 3)]! - center[i % 3]!,
  );
}

/** The longest way of an atom, Å. */
function farthest(places: Float64Array, before: Float64Array): number {
  const moved = (i: number): number => places[i]! - before[i]!;
  let most = 0;
  for (let i = 0; i < places.length; i += 3) most = Math.max(most, Math.hypot(moved(i), moved(i + 1), moved(i + 2)));
  return most;
}

function shown(time: number): string {
  return String(Number(time.toPrecision(6)));
}
