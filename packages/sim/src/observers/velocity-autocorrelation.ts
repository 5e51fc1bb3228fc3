/**
 * The velocity autocorrelation function, ⟨v(0)·v(t)⟩ an atom, and the vibrational density of states, its spectrum weighted by mass:
 * Dickey and Paskin, Phys. Rev. 188, 1407 (1969), equation 11.
 *
 * Every so many frames the velocities are kept as a time to begin with, until the longest time has passed: 128 are open at once, so
 * memory and work do not depend on the length of the run.
 */
import { StructureError } from '@mace/core';
import { femtosecond } from '../units.js';
import { chosenAtoms } from './chosen-atoms.js';
import type { Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { savedArray, Spacing } from './spacing.js';
import { fileWord } from './table.js';
import { spectrumOf, wavenumberOfTerahertz } from './spectrum.js';

/** Times to begin with that are open at once. */
const open = 128;
/** cm⁻¹: nothing that vibrates is faster than hydrogen molecules. */
const fastest = 4500;

export interface VelocityAutocorrelationOptions {
  /** Whose velocities; those of all atoms where it is left out. */
  readonly element?: string;
  /** Longest time, in frames: a multiple of 128. Default 2048. */
  readonly longest?: number;
}

export class VelocityAutocorrelation implements Observer {
  readonly spelling: string;
  readonly #element: string | undefined;
  readonly #spacing: Spacing;
  /** In frames. */
  readonly #longest: number;
  #atoms: Int32Array | null = null;
  /** Velocities to begin with [open, atoms, 3], Å/fs: a ring. */
  #begins: Float64Array | null = null;
  /** Sums of ⟨v·v⟩ and of ⟨m v·v⟩, and their numbers, by time [longest + 1]. */
  readonly #sums: Float64Array;
  readonly #weighted: Float64Array;
  readonly #samples: Float64Array;

  /** @param state - of an observer with the same options, to go on from */
  constructor({ element, longest = 2048 }: VelocityAutocorrelationOptions = {}, state?: ObserverState) {
    this.#element = element;
    this.spelling = element === undefined ? 'vacf' : `vacf:${element}`;
    if (!(Number.isSafeInteger(longest) && longest > 0 && longest % open === 0))
      throw new StructureError(
        `${this.spelling}: the longest time is ${longest} frames; expected a multiple of ${open}.`,
      );
    this.#longest = longest;
    this.#spacing = new Spacing(this.spelling, state);
    const saved = (name: string): Float64Array =>
      state ? savedArray(this.spelling, state, name, longest + 1) : new Float64Array(longest + 1);
    [this.#sums, this.#weighted, this.#samples] = [saved('sums'), saved('weighted'), saved('samples')];
    if (state && this.#spacing.frames > 0)
      this.#begins = savedArray(this.spelling, state, 'begins', Number(state['size']));
  }

  add(frame: Frame): void {
    this.#atoms ??= chosenAtoms(this.spelling, frame, this.#element);
    this.#spacing.nextInTime(frame);
    const atoms = this.#atoms;
    const [number, size, every] = [this.#spacing.frames - 1, 3 * atoms.length, this.#longest / open];
    const masses = Float64Array.from(atoms, (atom) => frame.masses[atom]!);
    const velocities = Float64Array.from({ length: size }, (_, i) => {
      const atom = Math.floor(i / 3);
      return (femtosecond * frame.momenta[3 * atoms[atom]! + (i % 3)]!) / masses[atom]!;
    });
    const begins = (this.#begins ??= new Float64Array(open * size));
    if (number % every === 0) begins.set(velocities, ((number / every) % open) * size);
    const newest = Math.floor(number / every);
    for (let begin = newest; begin >= 0 && begin > newest - open; begin--) {
      const from = (begin % open) * size;
      let [sum, weighted] = [0, 0];
      for (let atom = 0; atom < atoms.length; atom++) {
        const i = 3 * atom;
        const product =
          velocities[i]! * begins[from + i]! +
          velocities[i + 1]! * begins[from + i + 1]! +
          velocities[i + 2]! * begins[from + i + 2]!;
        sum += product;
        weighted += masses[atom]! * product;
      }
      const time = number - begin * every;
      this.#sums[time]! += sum / atoms.length;
      this.#weighted[time]! += weighted;
      this.#samples[time]!++;
    }
  }

  latest(): readonly Quantity[] {
    return [];
  }

  result(): ObserverResult {
    const { frames, interval } = this.#spacing;
    // Times of more than half the run would be seen once or twice.
    const times = Math.min(this.#longest, Math.floor(frames / 2));
    const mean = (sums: Float64Array): Float64Array =>
      sums.slice(0, times).map((sum, time) => sum / this.#samples[time]!);
    const [values, weighted] = [mean(this.#sums), mean(this.#weighted)];
    const begins = Math.ceil(frames / (this.#longest / open));
    const origins = `velocities of ${begins} times are followed, a time every ${(this.#longest / open) * interval} fs${begins < 20 ? ': few to average over. Run longer, or observe more often' : ''}`;
    const whose = this.#element ?? 'all atoms';
    const correlation = {
      name: fileWord(this.spelling),
      title: `Velocity autocorrelation function, ${whose}`,
      columns: [
        { name: 'time', unit: 'fs', values: values.map((_, time) => time * interval) },
        { name: 'velocity autocorrelation', unit: 'Å²/fs²', values },
        { name: 'normalized', unit: '', values: values.map((value) => value / values[0]!) },
      ],
    };
    const result = { spelling: this.spelling, frames, quantities: [] };
    if (times < 8 || !(weighted[0]! > 0))
      return {
        ...result,
        tables: [correlation],
        notes: [origins, 'the run is too short, or nothing moves: there is no spectrum'],
      };
    const { frequencies, densities } = spectrumOf(weighted, interval);
    const spectrum = {
      name: fileWord(this.spelling.replace('vacf', 'spectrum')),
      title: `Vibrational density of states, ${whose}`,
      columns: [
        { name: 'wavenumber', unit: 'cm⁻¹', values: frequencies.map((frequency) => frequency * wavenumberOfTerahertz) },
        { name: 'frequency', unit: 'THz', values: frequencies },
        { name: 'density of states', unit: '1/THz', values: densities },
      ],
    };
    const highest = frequencies.at(-1)! * wavenumberOfTerahertz;
    const notes = [
      origins,
      'velocities are as they are: the drift of the whole is not taken out',
      `the spectrum is weighted by mass, and its lines are ${Number(((2 * wavenumberOfTerahertz * 1000) / (times * interval)).toPrecision(3))} cm⁻¹ wide`,
    ];
    if (highest < fastest)
      notes.push(
        `frames every ${interval} fs show vibrations up to ${highest.toFixed(0)} cm⁻¹: faster ones appear at wrong, lower places. Observe more often`,
      );
    return { ...result, tables: [correlation, spectrum], notes };
  }

  state(): ObserverState {
    const begins = this.#begins?.slice() ?? new Float64Array(0);
    return {
      ...this.#spacing.state(),
      size: begins.length,
      begins,
      sums: this.#sums.slice(),
      weighted: this.#weighted.slice(),
      samples: this.#samples.slice(),
    };
  }
}
