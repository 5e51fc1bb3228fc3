/**
 * The radial distribution function g(r): how often atoms are so far apart, over how often in an ideal gas of their density.
 *
 * Allen and Tildesley, Computer Simulation of Liquids, 2nd edition (2017), section 8.2: a shell from r to r + dr of an ideal gas holds
 * ρ·(4π/3)·((r + dr)³ − r³) atoms, ρ = N/V. Where not all directions are periodic there is no ρ: then distances are counted.
 *
 * Every image counts, of an atom itself too, as in the neighbor list of ASE: a radius may be longer than the cell.
 */
import { StructureError } from '@mace/core';
import { findNeighbors, volumeOf, type Structure } from '@mace/core/structure';
import { chosenAtoms } from './chosen-atoms.js';
import { largestRadius } from './minimum-image.js';
import type { Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { savedArray, Spacing } from './spacing.js';
import { fileWord } from './table.js';

export interface RadialDistributionOptions {
  /** Elements of the two atoms; all atoms where they are left out. */
  readonly elements?: readonly [string, string];
  /** Å. Default 10. */
  readonly radius?: number;
  /** Å. Default 0.05. */
  readonly width?: number;
}

const defaultRadius = 10;

interface Chosen {
  /** Those of either kind [atoms], and their elements. */
  readonly atoms: Int32Array;
  readonly numbers: Int32Array;
  /** Whether each is of the first kind, and of the second [atoms]. */
  readonly isFirst: readonly boolean[];
  readonly isSecond: readonly boolean[];
  readonly firsts: number;
  readonly seconds: number;
}

export class RadialDistribution implements Observer {
  readonly spelling: string;
  readonly #options: RadialDistributionOptions;
  readonly #spacing: Spacing;
  readonly #width: number;
  readonly #radius: number;
  #atoms: Chosen | null = null;
  /** Seconds around a first atom by distance; and times volume over number of seconds [bins]. */
  readonly #counts: Float64Array;
  readonly #scaled: Float64Array;
  #isPeriodic: boolean;
  /** Å; up to there a pair has one image in all frames. */
  #alone: number;

  /** @param state - of an observer with the same options, to go on from */
  constructor(options: RadialDistributionOptions = {}, state?: ObserverState) {
    const { elements, radius = defaultRadius, width = 0.05 } = options;
    this.#options = options;
    this.spelling = ['rdf', elements?.join('-'), options.radius].filter((part) => part !== undefined).join(':');
    for (const value of [radius, width])
      if (!(value > 0 && Number.isFinite(value)))
        throw new StructureError(
          `${this.spelling}: the radius or the width is ${value}; expected a length above 0, in Å.`,
        );
    const bins = Math.floor(radius / width + 1e-9);
    if (bins === 0)
      throw new StructureError(
        `${this.spelling}: a radius of ${radius} Å is less than one bin of ${width} Å. Take a larger one.`,
      );
    this.#spacing = new Spacing(this.spelling, state);
    this.#width = width;
    this.#radius = bins * width;
    this.#isPeriodic = state?.['isPeriodic'] === 1;
    this.#alone = Number(state?.['alone'] ?? radius);
    const saved = (name: string): Float64Array =>
      state ? savedArray(this.spelling, state, name, bins) : new Float64Array(bins);
    [this.#counts, this.#scaled] = [saved('counts'), saved('scaled')];
  }

  add(frame: Frame): void {
    const { isFirst, isSecond, firsts, seconds, ...chosen } = (this.#atoms ??= this.#choose(frame));
    if (this.#spacing.next(frame)) this.#isPeriodic = frame.pbc.every(Boolean);
    this.#alone = Math.min(this.#alone, largestRadius(frame));
    const { edges, sender, receiver, vectors } = findNeighbors(partOf(frame, chosen), this.#radius);
    const count = 1 / firsts;
    const scaled = this.#isPeriodic ? (count * volumeOf(frame.cell!)) / seconds : 0;
    for (let edge = 0; edge < edges; edge++) {
      if (!isFirst[receiver[edge]!] || !isSecond[sender[edge]!]) continue;
      const [x, y, z] = [vectors[3 * edge]!, vectors[3 * edge + 1]!, vectors[3 * edge + 2]!];
      const bin = Math.floor(Math.sqrt(x * x + y * y + z * z) / this.#width);
      if (bin >= this.#counts.length) continue;
      this.#counts[bin]! += count;
      this.#scaled[bin]! += scaled;
    }
  }

  latest(): readonly Quantity[] {
    return [];
  }

  result(): ObserverResult {
    const bins = this.#counts.length;
    const { frames } = this.#spacing;
    const edges = Float64Array.from({ length: bins + 1 }, (_, bin) => bin * this.#width);
    const shell = (bin: number): number => (4 / 3) * Math.PI * (edges[bin + 1]! ** 3 - edges[bin]! ** 3);
    const perBin = (value: (bin: number) => number): Float64Array =>
      Float64Array.from({ length: bins }, (_, b) => value(b));
    const counts = perBin((bin) => this.#counts[bin]! / frames);
    let within = 0;
    const coordination = counts.map((count) => (within += count));
    const pair = this.#options.elements?.join('–') ?? 'all atoms';
    const columns = [
      { name: 'r', unit: 'Å', values: perBin((bin) => (edges[bin]! + edges[bin + 1]!) / 2) },
      this.#isPeriodic
        ? { name: 'g', unit: '', values: perBin((bin) => this.#scaled[bin]! / frames / shell(bin)) }
        : { name: 'neighbors per length', unit: '1/Å', values: counts.map((count) => count / this.#width) },
      { name: 'neighbors within', unit: '', values: coordination },
    ];
    const notes: string[] = [];
    if (!this.#isPeriodic)
      notes.push('not periodic in three directions: there is no density to compare with, so distances are counted');
    if (this.#alone < this.#radius)
      notes.push(
        `from ${this.#alone.toFixed(2)} Å on, half the smallest height of the cell, atoms are counted with several images of one another: there the cell repeats itself`,
      );
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
      isPeriodic: Number(this.#isPeriodic),
      alone: this.#alone,
      counts: this.#counts.slice(),
      scaled: this.#scaled.slice(),
    };
  }

  #choose(frame: Frame): Chosen {
    const [a, b] = this.#options.elements ?? [];
    const [firsts, seconds] = [chosenAtoms(this.spelling, frame, a), chosenAtoms(this.spelling, frame, b)];
    const atoms = Int32Array.from(new Set([...firsts, ...seconds]));
    const isOf = (kind: Int32Array): boolean[] => {
      const all = new Set(kind);
      return Array.from(atoms, (atom) => all.has(atom));
    };
    return {
      atoms,
      numbers: Int32Array.from(atoms, (atom) => frame.numbers[atom]!),
      isFirst: isOf(firsts),
      isSecond: isOf(seconds),
      firsts: firsts.length,
      seconds: seconds.length,
    };
  }
}

/** Some atoms of a frame, as a structure. */
function partOf({ positions, cell, pbc }: Frame, { atoms, numbers }: Pick<Chosen, 'atoms' | 'numbers'>): Structure {
  const places = Float64Array.from(
    { length: 3 * atoms.length },
    (_, i) => positions[3 * atoms[Math.floor(i / 3)]! + (i % 3)]!,
  );
  return { numbers, positions: places, cell, pbc, info: {}, arrays: {} };
}
