/**
 * The radial distribution function g(r): how often atoms are so far apart, over how often in an ideal gas of their density.
 *
 * Allen and Tildesley, Computer Simulation of Liquids, 2nd edition (2017), section 8.2: a shell from r to r + dr of an ideal gas holds
 * ρ·(4π/3)·((r + dr)³ − r³) atoms, ρ = N/V. Where not all directions are periodic there is no ρ: then distances are counted.
 */
import { StructureError } from '@mace/core';
import { volumeOf } from '@mace/core/structure';
import { chosenAtoms } from './chosen-atoms.js';
import { distancesOf, largestRadius } from './minimum-image.js';
import type { Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { savedArray, Spacing } from './spacing.js';
import { fileWord } from './table.js';

export interface RadialDistributionOptions {
  /** Elements of the two atoms; all atoms where they are left out. */
  readonly elements?: readonly [string, string];
  /** Å. Default 10, or half the smallest height of the cell of the first frame where that is less. */
  readonly radius?: number;
  /** Å. Default 0.05. */
  readonly width?: number;
}

const defaultRadius = 10;

interface Chosen {
  readonly firsts: Int32Array;
  readonly seconds: Int32Array;
  /** Whether both are the same atoms. */
  readonly isSame: boolean;
}

export class RadialDistribution implements Observer {
  readonly spelling: string;
  readonly #options: RadialDistributionOptions;
  readonly #spacing: Spacing;
  readonly #width: number;
  #radius: number;
  #atoms: Chosen | null = null;
  /** Seconds around a first atom by distance; and times volume over number of seconds [bins]. */
  #counts: Float64Array = new Float64Array(0);
  #scaled: Float64Array = new Float64Array(0);
  /** Frames whose cell is large enough for a bin [bins]. */
  #seen: Float64Array = new Float64Array(0);
  #isPeriodic: boolean;

  /** @param state - of an observer with the same options, to go on from */
  constructor(options: RadialDistributionOptions = {}, state?: ObserverState) {
    const { elements, radius, width = 0.05 } = options;
    this.#options = options;
    this.spelling = ['rdf', elements?.join('-'), radius].filter((part) => part !== undefined).join(':');
    for (const value of [radius ?? 1, width])
      if (!(value > 0 && Number.isFinite(value)))
        throw new StructureError(
          `${this.spelling}: the radius or the width is ${value}; expected a length above 0, in Å.`,
        );
    this.#spacing = new Spacing(this.spelling, state);
    this.#width = width;
    this.#radius = Number(state?.['radius'] ?? NaN);
    this.#isPeriodic = state?.['isPeriodic'] === 1;
    if (!state || this.#spacing.frames === 0) return;
    const saved = (name: string): Float64Array => savedArray(this.spelling, state, name, this.#bins());
    [this.#counts, this.#scaled, this.#seen] = [saved('counts'), saved('scaled'), saved('seen')];
  }

  add(frame: Frame): void {
    if (this.#spacing.frames === 0) this.#begin(frame);
    this.#atoms ??= this.#choose(frame);
    this.#spacing.next(frame);
    const { firsts, seconds, isSame } = this.#atoms;
    const bins = Math.min(this.#counts.length, Math.floor(largestRadius(frame) / this.#width + 1e-9));
    for (let bin = 0; bin < bins; bin++) this.#seen[bin]!++;
    const { near } = distancesOf(frame);
    // A pair of one kind is found once, and counts for both.
    const count = (isSame ? 2 : 1) / firsts.length;
    const scaled = this.#isPeriodic ? (count * volumeOf(frame.cell!)) / seconds.length : 0;
    for (let i = 0; i < firsts.length; i++)
      for (let j = isSame ? i + 1 : 0; j < seconds.length; j++) {
        const bin = Math.floor(near(firsts[i]!, seconds[j]!) / this.#width);
        if (bin >= bins) continue;
        this.#counts[bin]! += count;
        this.#scaled[bin]! += scaled;
      }
  }

  latest(): readonly Quantity[] {
    return [];
  }

  result(): ObserverResult {
    const bins = this.#counts.length;
    const edges = Float64Array.from({ length: bins + 1 }, (_, bin) => bin * this.#width);
    const shell = (bin: number): number => (4 / 3) * Math.PI * (edges[bin + 1]! ** 3 - edges[bin]! ** 3);
    const perBin = (value: (bin: number) => number): Float64Array =>
      Float64Array.from({ length: bins }, (_, b) => value(b));
    const counts = perBin((bin) => this.#counts[bin]! / this.#seen[bin]!);
    let within = 0;
    const coordination = counts.map((count) => (within += count));
    const pair = this.#options.elements?.join('–') ?? 'all atoms';
    const columns = [
      { name: 'r', unit: 'Å', values: perBin((bin) => (edges[bin]! + edges[bin + 1]!) / 2) },
      this.#isPeriodic
        ? { name: 'g', unit: '', values: perBin((bin) => this.#scaled[bin]! / this.#seen[bin]! / shell(bin)) }
        : { name: 'neighbors per length', unit: '1/Å', values: counts.map((count) => count / this.#width) },
      { name: 'neighbors within', unit: '', values: coordination },
    ];
    const notes: string[] = [];
    const { frames } = this.#spacing;
    if (!this.#isPeriodic)
      notes.push('not periodic in three directions: there is no density to compare with, so distances are counted');
    const fewest = Math.min(...this.#seen, frames);
    if (fewest < frames)
      notes.push(`the cell became smaller: the largest distances are of ${fewest} of ${frames} frames`);
    const title = this.#isPeriodic ? `Radial distribution function, ${pair}` : `Distances, ${pair}`;
    return {
      spelling: this.spelling,
      frames,
      quantities: [],
      tables: [{ name: fileWord(this.spelling), title, columns }],
      notes,
    };
  }

  state(): ObserverState {
    return {
      ...this.#spacing.state(),
      radius: this.#radius,
      isPeriodic: Number(this.#isPeriodic),
      counts: this.#counts.slice(),
      scaled: this.#scaled.slice(),
      seen: this.#seen.slice(),
    };
  }

  #bins(): number {
    return Math.floor(this.#radius / this.#width + 1e-9);
  }

  /** Takes the radius from the first frame. @throws StructureError for one that is too large for its cell */
  #begin(frame: Frame): void {
    const allowed = largestRadius(frame);
    const radius = this.#options.radius ?? Math.min(defaultRadius, allowed);
    if (radius > allowed + 1e-9)
      throw new StructureError(
        `${this.spelling}: a radius of ${radius} Å is more than half the smallest height of the cell, ${allowed.toFixed(3)} Å, and would count atoms with their own images. Take at most that, or a larger cell.`,
      );
    if (radius < this.#width)
      throw new StructureError(
        `${this.spelling}: half the smallest height of the cell is ${allowed.toFixed(3)} Å, less than one bin of ${this.#width} Å. Take a larger cell.`,
      );
    this.#atoms = this.#choose(frame);
    this.#radius = radius;
    this.#isPeriodic = frame.pbc.every(Boolean);
    const bins = this.#bins();
    [this.#counts, this.#scaled, this.#seen] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  }

  #choose(frame: Frame): Chosen {
    const [a, b] = this.#options.elements ?? [];
    return {
      firsts: chosenAtoms(this.spelling, frame, a),
      seconds: chosenAtoms(this.spelling, frame, b),
      isSame: a === b,
    };
  }
}
