/**
 * Mean squared differences of values between one time and a later one, for times that grow by powers of two: each level has half as many
 * samples as the one below, and keeps its last sixteen. The order-n algorithm of Frenkel and Smit, Understanding Molecular Simulation,
 * 2nd edition (2002), section 4.4.2, on values that are not averaged, so that each mean is exact. Memory grows with the logarithm of the run.
 *
 * Sums are kept for five to ten blocks of equal length, which become longer with the run.
 */
import type { ObserverState } from './observer.js';
import { savedArray } from './spacing.js';

/** Samples that are kept of each level: differences over 1 to 15 samples, and on higher levels over 8 to 15. */
const kept = 16;
export const mostBlocks = 10;

/** Mean squared difference over `lag` samples. */
export interface LagMean {
  readonly lag: number;
  readonly value: number;
}

export class SquaredDifferences {
  /** Samples that were added. */
  count = 0;
  /** Samples of a block. */
  width = 1;
  /** Of each level, the last samples [kept, size]: a ring. */
  readonly #rings: Float64Array[] = [];
  /** Of each lag, sums and their numbers by block [lags, blocks]. */
  #sums: Float64Array = new Float64Array(0);
  #numbers: Float64Array = new Float64Array(0);

  /** @param size - values of a sample @param state - to go on from */
  constructor(
    readonly size: number,
    spelling = '',
    state?: ObserverState,
  ) {
    if (!state) return;
    [this.count, this.width] = [Number(state['count']), Number(state['width'])];
    const levels = levelsOf(this.count);
    const rings = savedArray(spelling, state, 'rings', levels * kept * size);
    for (let level = 0; level < levels; level++)
      this.#rings.push(rings.slice(level * kept * size, (level + 1) * kept * size));
    this.#sums = savedArray(spelling, state, 'sums', lagsOf(levels) * mostBlocks);
    this.#numbers = savedArray(spelling, state, 'numbers', lagsOf(levels) * mostBlocks);
  }

  /** The sample before the next; a view. */
  last(): Float64Array {
    const at = (this.count - 1) % kept;
    return this.#rings[0]!.subarray(at * this.size, (at + 1) * this.size);
  }

  add(values: Float64Array): void {
    const number = this.count++;
    this.#makeRoom();
    const block = Math.floor(number / this.width);
    for (let level = 0, sample = number; ; level++, sample /= 2) {
      const ring = this.#rings[level]!;
      for (let back = firstBack(level); back < kept && back <= sample; back++) {
        const from = ((sample - back) % kept) * this.size;
        let sum = 0;
        for (let i = 0; i < values.length; i++) sum += (values[i]! - ring[from + i]!) ** 2;
        const at = lagIndex(level, back) * mostBlocks + block;
        this.#sums[at]! += sum;
        this.#numbers[at]!++;
      }
      ring.set(values, (sample % kept) * this.size);
      if (sample % 2 === 1 || level + 1 === this.#rings.length) return;
    }
  }

  /** Means of some blocks, of the lags that have samples, in their order: sums over all values of a sample. */
  means(from = 0, to = mostBlocks): LagMean[] {
    const found: LagMean[] = [];
    for (let level = 0; level < this.#rings.length; level++)
      for (let back = firstBack(level); back < kept; back++) {
        const at = lagIndex(level, back) * mostBlocks;
        const total = (values: Float64Array): number =>
          values.subarray(at + from, at + to).reduce((sum, value) => sum + value, 0);
        const samples = total(this.#numbers);
        if (samples > 0) found.push({ lag: back * 2 ** level, value: total(this.#sums) / samples });
      }
    return found;
  }

  state(): ObserverState {
    const rings = new Float64Array(this.#rings.length * kept * this.size);
    this.#rings.forEach((ring, level) => rings.set(ring, level * kept * this.size));
    return {
      size: this.size,
      count: this.count,
      width: this.width,
      rings,
      sums: this.#sums.slice(),
      numbers: this.#numbers.slice(),
    };
  }

  /** A level for one more sample where it needs one, and blocks twice as long when all are full. */
  #makeRoom(): void {
    while (this.#rings.length < levelsOf(this.count)) {
      const ring = new Float64Array(kept * this.size);
      // The first sample is of all levels, and is still at the beginning of the one below.
      ring.set(this.#rings.at(-1)?.subarray(0, this.size) ?? []);
      this.#rings.push(ring);
      const lags = lagsOf(this.#rings.length) * mostBlocks;
      [this.#sums, this.#numbers] = [lengthened(this.#sums, lags), lengthened(this.#numbers, lags)];
    }
    if (this.count <= mostBlocks * this.width) return;
    for (const values of [this.#sums, this.#numbers])
      for (let at = 0; at < values.length; at += mostBlocks)
        for (let block = 0; block < mostBlocks; block++)
          values[at + block] = block < mostBlocks / 2 ? values[at + 2 * block]! + values[at + 2 * block + 1]! : 0;
    this.width *= 2;
  }
}

/** A level is there from its second sample on. */
function levelsOf(samples: number): number {
  let levels = Math.min(samples, 1);
  while (2 ** levels < samples) levels++;
  return levels;
}

function lagsOf(levels: number): number {
  return levels === 0 ? 0 : lagIndex(levels, kept / 2);
}

function lagIndex(level: number, back: number): number {
  return level === 0 ? back - 1 : kept - 1 + (level - 1) * (kept / 2) + back - kept / 2;
}

/** Shorter lags of a level are those of the one below. */
function firstBack(level: number): number {
  return level === 0 ? 1 : kept / 2;
}

function lengthened(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(values);
  return longer;
}
