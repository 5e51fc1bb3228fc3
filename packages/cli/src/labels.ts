/** Errors of results against labels that the files have: as in mace-torch's own table, per atom, and over all components. */
import { FormatError } from '@mace/core/errors';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import type { Evaluated } from './evaluated.js';
import type { Place } from './structure-stream.js';

/** Under which key of a structure each label stands. */
export type LabelKeys = Readonly<Partial<Record<LabelName, string>>>;
export type LabelName = (typeof labelNames)[number];
export const labelNames = ['energy', 'forces', 'stress'] as const;

/** Those of mace-torch, recognised without being named. */
export const usualLabels: LabelKeys = { energy: 'REF_energy', forces: 'REF_forces', stress: 'REF_stress' };

/** In eV/atom, eV/Å and eV/Å³. */
export interface LabelErrors {
  readonly key: string;
  /** How many structures were compared. */
  readonly structures: number;
  /** Null where none was. */
  readonly rmse: number | null;
  readonly mae: number | null;
  /** The structure whose own root of the mean square is the largest. */
  readonly worst: (Place & { readonly rmse: number }) | null;
}

export interface Comparison {
  readonly errors: Readonly<Partial<Record<LabelName, LabelErrors>>>;
  /** Structures that have none of the labels. */
  readonly withoutLabels: number;
  /** Labels that were left out, and why the first of them was. */
  readonly unfit: number;
  readonly firstUnfit: (Place & { readonly reason: string }) | null;
}

/** Keys of energy, forces and stress with commas between them; an empty place leaves one out. @throws FormatError */
export function labelKeys(text: string): LabelKeys {
  const keys = text.split(',').map((key) => key.trim());
  if (keys.length > labelNames.length || keys.every((key) => key === ''))
    throw new FormatError(
      `--labels ${JSON.stringify(text)}: expected the keys of energy, forces and stress in this order, such as energy_dft,forces_dft; an empty place leaves one out.`,
    );
  return Object.fromEntries(labelNames.flatMap((name, i) => (keys[i] ? [[name, keys[i]]] : [])));
}

/** Compares structure by structure, in bounded memory. */
export class LabelComparison {
  readonly #keys: LabelKeys;
  readonly #sums: Partial<Record<LabelName, Sums>> = {};
  #withoutLabels = 0;
  #unfit = 0;
  #firstUnfit: Comparison['firstUnfit'] = null;

  constructor(keys: LabelKeys) {
    this.#keys = keys;
  }

  add({ structure, result, ...place }: Evaluated): void {
    let found = false;
    for (const name of labelNames) {
      const key = this.#keys[name];
      if (key === undefined || !hasKey(structure, key)) continue;
      found = true;
      const label = labelOf[name](structure, key);
      const computed = name === 'energy' ? Float64Array.of(result.energy) : result[name];
      if (typeof label === 'string') this.#leaveOut(place, `${key} ${label}`);
      else if (result.atoms === 0) this.#leaveOut(place, `${key} is that of no atoms`);
      else if (!computed)
        this.#leaveOut(place, `${key} has nothing to be compared with: ${name} is not computed for it`);
      else {
        const scale = name === 'energy' ? 1 / result.atoms : 1;
        const sums = (this.#sums[name] ??= new Sums());
        sums.add(
          label.map((value, i) => (value - computed[i]!) * scale),
          place,
        );
      }
    }
    if (!found) this.#withoutLabels++;
  }

  /** What was found so far. */
  get(): Comparison {
    const errors = labelNames.flatMap((name) => {
      const key = this.#keys[name];
      return key === undefined ? [] : [[name, { key, ...(this.#sums[name] ?? new Sums()).get() }]];
    });
    return {
      errors: Object.fromEntries(errors) as Comparison['errors'],
      withoutLabels: this.#withoutLabels,
      unfit: this.#unfit,
      firstUnfit: this.#firstUnfit,
    };
  }

  #leaveOut(place: Place, reason: string): void {
    this.#unfit++;
    this.#firstUnfit ??= { ...place, reason };
  }
}

class Sums {
  #structures = 0;
  #values = 0;
  #squares = 0;
  #sizes = 0;
  #worst: LabelErrors['worst'] = null;

  add(differences: Float64Array, place: Place): void {
    const squares = differences.reduce((sum, value) => sum + value * value, 0);
    this.#structures++;
    this.#values += differences.length;
    this.#squares += squares;
    this.#sizes += differences.reduce((sum, value) => sum + Math.abs(value), 0);
    const rmse = Math.sqrt(squares / differences.length);
    if (!this.#worst || rmse > this.#worst.rmse) this.#worst = { ...place, rmse };
  }

  get(): Omit<LabelErrors, 'key'> {
    const isEmpty = this.#structures === 0;
    return {
      structures: this.#structures,
      rmse: isEmpty ? null : Math.sqrt(this.#squares / this.#values),
      mae: isEmpty ? null : this.#sizes / this.#values,
      worst: this.#worst,
    };
  }
}

function hasKey({ info, arrays }: Structure, key: string): boolean {
  return Object.hasOwn(info, key) || Object.hasOwn(arrays, key);
}

/** The values of a label, or what is wrong with it, behind its key. */
const labelOf: Readonly<Record<LabelName, (structure: Structure, key: string) => Float64Array | string>> = {
  energy: ({ info }, key) => checked(numbersOf(info[key]), [1], 'one number for the structure'),
  forces: ({ arrays, numbers }, key) => {
    const array: AtomArray | undefined = arrays[key];
    const isNumbers = array?.columns === 3 && array.values instanceof Float64Array;
    return checked(
      isNumbers ? (array.values as Float64Array) : null,
      [3 * numbers.length],
      'three numbers for each atom',
    );
  },
  stress: ({ info }, key) => {
    const values = checked(numbersOf(info[key]), [9, 6], 'nine numbers, or six in the order of Voigt');
    return typeof values === 'string' || values.length === 9
      ? values
      : Float64Array.from([0, 5, 4, 5, 1, 3, 4, 3, 2], (at) => values[at]!);
  },
};

function numbersOf(value: InfoValue | undefined): Float64Array | null {
  if (typeof value === 'number') return Float64Array.of(value);
  if (typeof value !== 'object' || (value.kind !== 'real' && value.kind !== 'integer')) return null;
  return Float64Array.from(value.values as readonly number[]);
}

function checked(values: Float64Array | null, lengths: readonly number[], expected: string): Float64Array | string {
  if (!values || !lengths.includes(values.length)) return `does not fit: expected ${expected}`;
  return values.every(Number.isFinite) ? values : 'has a value that is no finite number';
}
