/**
 * What a cell that changes carries with it. Motion of its own are the increments of fractional coordinates, times the mean of the cells
 * before and after; the rest of a step is the cell's. Where the cell stays, positions are as they are, to the last bit.
 */
import { cellInverse, completeCell } from '@mace/core/structure';
import { identity, multiply, rowTimes } from '../matrices.js';
import type { Frame, ObserverState } from './observer.js';
import { savedArray } from './spacing.js';

export class Breathing {
  /** Of the frame before: its cell, empty before the first [9], and positions [atoms 3]. */
  #cell: Float64Array = new Float64Array(0);
  #positions: Float64Array = new Float64Array(0);
  /** By which the cell has moved atoms since the first frame [atoms 3], Å. */
  #carried: Float64Array = new Float64Array(0);

  constructor(spelling = '', state?: ObserverState) {
    if (!state || Number(state['frames']) === 0) return;
    const size = 3 * Number(state['atoms']);
    this.#cell = savedArray(spelling, state, 'cell', 9);
    this.#positions = savedArray(spelling, state, 'positions', size);
    this.#carried = savedArray(spelling, state, 'carried', size);
  }

  /** Whether the cell has ever changed. */
  get isSeen(): boolean {
    return this.#carried.some(Boolean);
  }

  /** Positions of the next frame without what the cell has carried [atoms 3], Å. */
  next({ positions: given, cell: own, pbc }: Pick<Frame, 'positions' | 'cell' | 'pbc'>): Float64Array {
    const [cell, positions] = [completeCell(own, pbc), Float64Array.from(given)];
    if (this.#cell.length === 0) this.#carried = new Float64Array(positions.length);
    else if (cell.some((x, k) => x !== this.#cell[k])) this.#carry(cell, positions);
    [this.#cell, this.#positions] = [cell, positions];
    return positions.map((x, i) => x - this.#carried[i]!);
  }

  state(): ObserverState {
    return { cell: this.#cell.slice(), positions: this.#positions.slice(), carried: this.#carried.slice() };
  }

  /** Of rows x with h before and x' with h' now, (x' − x) − (x'·h'⁻¹ − x·h⁻¹)·(h + h')/2 is ½x·(h⁻¹h' − 1) + ½x'·(1 − h'⁻¹h). */
  #carry(cell: Float64Array, positions: Float64Array): void {
    const [one, before] = [identity(3), this.#positions];
    const grows = multiply(cellInverse(this.#cell), cell).map((x, k) => 0.5 * (x - one[k]!));
    const grew = multiply(cellInverse(cell), this.#cell).map((x, k) => 0.5 * (one[k]! - x));
    for (let i = 0; i < positions.length; i += 3)
      for (let k = 0; k < 3; k++)
        this.#carried[i + k]! +=
          rowTimes(before[i]!, before[i + 1]!, before[i + 2]!, grows, k) +
          rowTimes(positions[i]!, positions[i + 1]!, positions[i + 2]!, grew, k);
  }
}
