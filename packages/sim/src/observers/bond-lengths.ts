/** Lengths of bonds: of a pair of atoms by its numbers, or of all pairs of two elements that are bonded in the first frame. */
import { StructureError } from '@mace/core';
import { atomicNumber, covalentRadii } from '@mace/core/structure';
import { BlockAverage } from './block-average.js';
import { chosenAtoms } from './chosen-atoms.js';
import { distancesOf } from './minimum-image.js';
import type { Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { savedArray, Spacing } from './spacing.js';
import { fileWord } from './table.js';

/** Numbers of two atoms, from 0 on as in ASE; or two elements. */
export type BondPair = readonly [number, number] | readonly [string, string];

/** Atoms of two elements are bonded within so many times the sum of their covalent radii. */
const reach = 1.2;
/** Of each pair: mean, sum of squared differences from it, least, most. */
const kept = 4;

export class BondLengths implements Observer {
  readonly spelling: string;
  readonly #pair: BondPair;
  readonly #spacing: Spacing;
  readonly #average: BlockAverage;
  /** Two atoms of each bond [bonds, 2]. */
  #bonds: Float64Array | null = null;
  #values: Float64Array = new Float64Array(0);
  #last: number;

  /** @param state - of an observer of the same pair, to go on from */
  constructor(pair: BondPair, state?: ObserverState) {
    this.#pair = pair;
    this.spelling = `bond:${pair.join('-')}`;
    this.#spacing = new Spacing(this.spelling, state);
    this.#average = new BlockAverage(this.spelling, state);
    this.#last = Number(state?.['length'] ?? NaN);
    if (!state || this.#spacing.frames === 0) return;
    const bonds = Number(state['count of bonds']);
    this.#bonds = savedArray(this.spelling, state, 'bonds', 2 * bonds);
    this.#values = savedArray(this.spelling, state, 'values', kept * bonds);
  }

  add(frame: Frame): void {
    const bonds = this.#bonds ?? this.#find(frame);
    this.#spacing.next(frame);
    if (this.#bonds === null) {
      this.#bonds = bonds;
      this.#values = new Float64Array((kept * bonds.length) / 2);
    }
    const { frames } = this.#spacing;
    const { shortest } = distancesOf(frame);
    let sum = 0;
    for (let bond = 0; bond < bonds.length / 2; bond++) {
      const length = shortest(bonds[2 * bond]!, bonds[2 * bond + 1]!);
      const of = this.#values.subarray(kept * bond, kept * (bond + 1));
      // Welford, Technometrics 4, 419 (1962).
      const off = length - of[0]!;
      of[0]! += off / frames;
      of[1]! += off * (length - of[0]!);
      of[2] = frames === 1 ? length : Math.min(of[2]!, length);
      of[3] = frames === 1 ? length : Math.max(of[3]!, length);
      sum += length;
    }
    this.#last = sum / (bonds.length / 2);
    this.#average.add(this.#last);
  }

  latest(): readonly Quantity[] {
    return [{ name: this.spelling, unit: 'Å', value: this.#last }];
  }

  result(): ObserverResult {
    const { frames } = this.#spacing;
    const bonds = this.#bonds ?? new Float64Array(0);
    const count = bonds.length / 2;
    const perBond = (value: (of: Float64Array, bond: number) => number): Float64Array =>
      Float64Array.from({ length: count }, (_, bond) =>
        value(this.#values.subarray(kept * bond, kept * (bond + 1)), bond),
      );
    const { mean, error } = this.#average.result();
    return {
      spelling: this.spelling,
      frames,
      quantities: [{ name: 'mean length', unit: 'Å', value: mean, ...(Number.isNaN(error) ? {} : { error }) }],
      tables: [
        {
          name: fileWord(this.spelling),
          title: `Lengths of bonds, ${this.#pair.join('–')}`,
          columns: [
            { name: 'atom', unit: '', values: perBond((_, bond) => bonds[2 * bond]!) },
            { name: 'other atom', unit: '', values: perBond((_, bond) => bonds[2 * bond + 1]!) },
            { name: 'mean', unit: 'Å', values: perBond((of) => of[0]!) },
            { name: 'standard deviation', unit: 'Å', values: perBond((of) => Math.sqrt(of[1]! / frames)) },
            { name: 'shortest', unit: 'Å', values: perBond((of) => of[2]!) },
            { name: 'longest', unit: 'Å', values: perBond((of) => of[3]!) },
          ],
        },
      ],
      notes: typeof this.#pair[0] === 'number' ? [] : [`${count} bonds, as they are in the first frame`],
    };
  }

  state(): ObserverState {
    const bonds = this.#bonds?.slice() ?? new Float64Array(0);
    return {
      ...this.#spacing.state(),
      ...this.#average.state(),
      length: this.#last,
      'count of bonds': bonds.length / 2,
      bonds,
      values: this.#values.slice(),
    };
  }

  #find(frame: Frame): Float64Array {
    const [a, b] = this.#pair;
    if (typeof a === 'number' || typeof b === 'number') {
      for (const atom of [a, b])
        if (!(Number(atom) < frame.numbers.length))
          throw new StructureError(
            `${this.spelling}: there is no atom ${atom}; expected 0 to ${frame.numbers.length - 1}. Atoms count from 0, as in ASE.`,
          );
      if (a === b) throw new StructureError(`${this.spelling}: an atom has no bond to itself. Name two atoms.`);
      return Float64Array.of(Number(a), Number(b));
    }
    const longest = reach * (covalentRadii[atomicNumber(a)]! + covalentRadii[atomicNumber(b)]!);
    const { shortest } = distancesOf(frame);
    const bonds: number[] = [];
    const [firsts, seconds] = [chosenAtoms(this.spelling, frame, a), chosenAtoms(this.spelling, frame, b)];
    for (const first of firsts)
      for (const second of seconds)
        if ((a !== b || first < second) && shortest(first, second) < longest) bonds.push(first, second);
    if (bonds.length === 0)
      throw new StructureError(
        `${this.spelling}: no ${a} is within ${longest.toFixed(2)} Å of another ${b} in the first frame. Name two atoms by their numbers.`,
      );
    return Float64Array.from(bonds);
  }
}
