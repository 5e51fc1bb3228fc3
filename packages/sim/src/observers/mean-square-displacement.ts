/**
 * The mean-square displacement of atoms after a time, averaged over all times to begin with, and the diffusion coefficient where they diffuse.
 *
 * What a changing cell carries with it and the drift of the center of mass are taken out first.
 */
import { Breathing } from './breathing.js';
import { chosenAtoms } from './chosen-atoms.js';
import { diffusion } from './diffusion.js';
import { largestRadius } from './minimum-image.js';
import type { Column, Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { Spacing } from './spacing.js';
import { SquaredDifferences, type LagMean } from './squared-differences.js';
import { fileWord } from './table.js';

export interface MeanSquareDisplacementOptions {
  /** Whose displacement; that of all atoms where it is left out. */
  readonly element?: string;
}

export class MeanSquareDisplacement implements Observer {
  readonly spelling: string;
  readonly #element: string | undefined;
  readonly #spacing: Spacing;
  readonly #breathing: Breathing;
  #atoms: Int32Array | null = null;
  #squares: SquaredDifferences | null = null;
  /** Frames in which an atom went farther than half the cell: positions that are wrapped do. */
  #jumps: number;

  /** @param state - of an observer with the same options, to go on from */
  constructor({ element }: MeanSquareDisplacementOptions = {}, state?: ObserverState) {
    this.#element = element;
    this.spelling = element === undefined ? 'msd' : `msd:${element}`;
    this.#spacing = new Spacing(this.spelling, state);
    this.#breathing = new Breathing(this.spelling, state);
    this.#jumps = Number(state?.['jumps'] ?? 0);
    if (state && this.#spacing.frames > 0)
      this.#squares = new SquaredDifferences(Number(state['size']), this.spelling, state);
  }

  add(frame: Frame): void {
    this.#atoms ??= chosenAtoms(this.spelling, frame, this.#element);
    this.#spacing.nextInTime(frame);
    const places = centered(this.#breathing.next(frame), frame.masses, this.#atoms);
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
    const carried = this.#breathing.isSeen ? ', and so is what the changing cell carries with it' : '';
    const notes = [`the drift of the center of mass of all atoms is taken out${carried}`];
    if (this.#jumps > 0)
      notes.push(
        `in ${this.#jumps} of ${frames} frames an atom goes farther than half the cell: where positions are wrapped into the cell, as in some files, all this is wrong`,
      );
    const columns: Column[] = [
      { name: 'time', unit: 'fs', values: all.map(({ lag }) => lag * interval) },
      { name: 'mean-square displacement', unit: 'Å²', values: all.map(({ value }) => value) },
    ];
    const { width = 1, count = 0 } = this.#squares ?? {};
    const { coefficient, line, note } = diffusion(
      all,
      // Without the first block, in which long times have no beginning.
      Array.from({ length: Math.max(0, Math.floor(count / width) - 1) }, (_, block) => this.#means(block + 1)),
      width,
      interval,
    );
    notes.push(note);
    if (line) columns.push({ name: 'fit', unit: 'Å²', values: line });
    const title = `Mean-square displacement, ${this.#element ?? 'all atoms'}`;
    return {
      spelling: this.spelling,
      frames,
      quantities: coefficient ? [coefficient] : [],
      tables: [{ name: fileWord(this.spelling), title, columns }],
      notes,
    };
  }

  state(): ObserverState {
    return {
      ...this.#squares?.state(),
      ...this.#spacing.state(),
      ...this.#breathing.state(),
      jumps: this.#jumps,
    };
  }

  /** Of an atom, Å²; of all blocks, or of one. */
  #means(block?: number): LagMean[] {
    const means = (block === undefined ? this.#squares?.means() : this.#squares?.means(block, block + 1)) ?? [];
    const atoms = (this.#squares?.size ?? 3) / 3;
    return means.map(({ lag, value }) => ({ lag, value: value / atoms }));
  }
}

/** Positions of atoms relative to the center of mass of all; a single atom would be its own, and stays where it is. */
function centered(positions: Float64Array, masses: ArrayLike<number>, atoms: Int32Array): Float64Array {
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
