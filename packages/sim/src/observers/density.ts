/** The density of a structure that is periodic in three directions. */
import { StructureError } from '@mace/core';
import { volumeOf } from '@mace/core/structure';
import { BlockAverage } from './block-average.js';
import type { Frame, Observer, ObserverResult, ObserverState, Quantity } from './observer.js';
import { Spacing } from './spacing.js';

/** 1 u/Å³ in g/cm³: CODATA 2014, as in `units.ts`. */
const gramsPerCubicCentimeter = 1.66053904;

export class Density implements Observer {
  readonly spelling = 'density';
  readonly #spacing: Spacing;
  readonly #average: BlockAverage;
  #last: number;

  constructor(state?: ObserverState) {
    this.#spacing = new Spacing(this.spelling, state);
    this.#average = new BlockAverage(this.spelling, state);
    this.#last = Number(state?.['density'] ?? NaN);
  }

  add(frame: Frame): void {
    const { cell, pbc, masses } = frame;
    if (cell === null || !pbc.every(Boolean))
      throw new StructureError(
        'density: the structure is not periodic in three directions, and fills no volume. Leave this observer out.',
      );
    this.#spacing.next(frame);
    const mass = Array.from(masses).reduce((sum, one) => sum + one, 0);
    this.#last = (gramsPerCubicCentimeter * mass) / volumeOf(cell);
    this.#average.add(this.#last);
  }

  latest(): readonly Quantity[] {
    return [{ name: 'density', unit: 'g/cm³', value: this.#last }];
  }

  result(): ObserverResult {
    const { mean, error } = this.#average.result();
    const quantities = [{ name: 'density', unit: 'g/cm³', value: mean, ...(Number.isNaN(error) ? {} : { error }) }];
    return { spelling: this.spelling, frames: this.#spacing.frames, quantities, tables: [], notes: [] };
  }

  state(): ObserverState {
    return { ...this.#spacing.state(), ...this.#average.state(), density: this.#last };
  }
}
