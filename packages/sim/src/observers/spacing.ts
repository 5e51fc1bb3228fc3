/** What frames of one run have in common: their atoms, and the time from one to the next. */
import { StructureError } from '@mace/core';
import type { Frame, ObserverState } from './observer.js';

/** Counts frames, and refuses those that are of other atoms, or where they have to be, not equally far apart in time. */
export class Spacing {
  frames: number;
  /** fs from one frame to the next; 0 before the second. */
  interval: number;
  #atoms: number;
  #last: number;

  constructor(
    readonly spelling: string,
    { frames = 0, interval = 0, atoms = 0, last = 0 }: Partial<Record<string, number | Float64Array>> = {},
  ) {
    [this.frames, this.interval, this.#atoms, this.#last] = [frames, interval, atoms, last].map(Number) as [
      number,
      number,
      number,
      number,
    ];
  }

  /** @throws StructureError for a frame of other atoms @returns true for the first frame */
  next(frame: Frame): boolean {
    if (this.frames === 0) this.#atoms = frame.numbers.length;
    else if (frame.numbers.length !== this.#atoms)
      throw new StructureError(
        `${this.spelling}: the frame of step ${frame.step} has ${frame.numbers.length} atoms; expected ${this.#atoms}, as before. Observe one structure with one observer.`,
      );
    this.frames++;
    return this.frames === 1;
  }

  /** As `next`, for what needs equal times between frames. @throws StructureError */
  nextInTime(frame: Frame): boolean {
    const elapsed = frame.time - this.#last;
    if (this.frames > 0) {
      if (!(elapsed > 0))
        throw new StructureError(
          `${this.spelling}: the frame of step ${frame.step} is of ${frame.time} fs, and the one before of ${this.#last} fs. Give frames in the order of their times.`,
        );
      if (this.frames > 1 && !(Math.abs(elapsed - this.interval) <= 1e-5 * this.interval))
        throw new StructureError(
          `${this.spelling}: ${elapsed} fs lie between the frame of step ${frame.step} and the one before; expected ${this.interval} fs, as before. Observe every so many steps of one length.`,
        );
    }
    const isFirst = this.next(frame);
    if (this.frames === 2) this.interval = elapsed;
    this.#last = frame.time;
    return isFirst;
  }

  state(): ObserverState {
    return { frames: this.frames, interval: this.interval, atoms: this.#atoms, last: this.#last };
  }
}

/** An array of a saved state, copied. @throws StructureError where it has another length than settings and atoms ask for */
export function savedArray(spelling: string, state: ObserverState, name: string, length: number): Float64Array {
  const saved = state[name];
  if (!(saved instanceof Float64Array) || saved.length !== length)
    throw new StructureError(
      `${spelling}: ${name} of the saved state ${saved instanceof Float64Array ? `has ${saved.length} numbers` : 'is missing'}; expected ${length}. Go on with the observers, settings and atoms that it was saved with, or begin this one anew.`,
    );
  return saved.slice();
}
