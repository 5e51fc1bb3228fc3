/** Named ranges one after the other, each at the start of a cache line. */
import type { BoundSizes } from '@mace/core/backend';
import type { Chunks } from './chunks.js';
import { lineBytes } from './lanes.js';

/** What the length of a range may follow from. */
export interface Sizes extends BoundSizes {
  readonly chunks: Chunks;
}

/** Where ranges lie for certain sizes. */
export interface Placement {
  readonly bytes: number;
  /** Of each range from the first, by name. */
  readonly offsets: ReadonlyMap<string, number>;
}

export class Ranges {
  readonly #lengths = new Map<string, (sizes: Sizes) => number>();

  /** @param bytes - for certain sizes */
  add(name: string, bytes: (sizes: Sizes) => number): void {
    this.#lengths.set(name, bytes);
  }

  has(name: string): boolean {
    return this.#lengths.has(name);
  }

  place(sizes: Sizes): Placement {
    const offsets = new Map<string, number>();
    let bytes = 0;
    for (const [name, length] of this.#lengths) {
      offsets.set(name, bytes);
      // Whole vectors may be read past the end.
      bytes += Math.ceil((length(sizes) + lineBytes) / lineBytes) * lineBytes;
    }
    return { bytes, offsets };
  }

  bytesOf(sizes: Sizes): number {
    let bytes = 0;
    for (const length of this.#lengths.values())
      bytes += Math.ceil((length(sizes) + lineBytes) / lineBytes) * lineBytes;
    return bytes;
  }
}
