/**
 * Means with their standard error, of numbers that follow each other in time and so are not independent.
 *
 * The numbers are put into 16 to 32 blocks of equal length, which grow with the run; the means of blocks are nearly independent
 * where a block is longer than the memory of the motion: Flyvbjerg and Petersen, J. Chem. Phys. 91, 461 (1989).
 */
import type { ObserverState } from './observer.js';
import { savedArray } from './spacing.js';

const mostBlocks = 32;

/** Mean and standard error of the mean of independent numbers; the error is NaN for fewer than two. */
export function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1) / values.length) };
}

export class BlockAverage {
  #count = 0;
  #width = 1;
  #sums: Float64Array = new Float64Array(mostBlocks);

  constructor(spelling = '', state?: ObserverState) {
    if (!state) return;
    this.#count = Number(state['count']);
    this.#width = Number(state['width']);
    this.#sums = savedArray(spelling, state, 'sums', mostBlocks);
  }

  add(value: number): void {
    if (this.#count === mostBlocks * this.#width) {
      for (let block = 0; block < mostBlocks; block++)
        this.#sums[block] = block < mostBlocks / 2 ? this.#sums[2 * block]! + this.#sums[2 * block + 1]! : 0;
      this.#width *= 2;
    }
    this.#sums[Math.floor(this.#count++ / this.#width)]! += value;
  }

  /** Of all values; the error of their whole blocks, NaN for fewer than eight. */
  result(): { mean: number; error: number } {
    const whole = Math.floor(this.#count / this.#width);
    const means = Array.from(this.#sums.subarray(0, whole), (sum) => sum / this.#width);
    const mean = this.#sums.reduce((sum, block) => sum + block, 0) / this.#count;
    return { mean, error: whole < 8 ? NaN : meanOf(means).error };
  }

  state(): ObserverState {
    return { count: this.#count, width: this.#width, sums: this.#sums.slice() };
  }
}
