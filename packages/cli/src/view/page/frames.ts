/** Frames of the server, fetched ahead of where the page is, and kept within a limit. */
import { decodeFrames, type ViewFrame } from '../record.js';

/** Atoms of frames that are kept: some 100 MB at most. */
const mostAtoms = 2_000_000;
/** Frames asked for at once. */
const batch = 64;

export class Frames {
  readonly #kept = new Map<number, ViewFrame>();
  readonly #asked = new Map<number, Promise<void>>();
  #atoms = 0;

  /** The frame if it is here; asks for those that come next. */
  get(index: number, count: number): ViewFrame | undefined {
    const frame = this.#kept.get(index);
    const next = index + batch / 2;
    if (frame && next < count && !this.#kept.has(next)) void this.fetch(next);
    return frame;
  }

  /** Waits until a frame is here. @throws Error where the server is gone */
  async fetch(index: number): Promise<void> {
    const from = index - (index % batch);
    // An answer may end before the frame that is wanted.
    const start = this.#kept.has(from) ? index : from;
    const asked = this.#asked.get(start) ?? this.#fetchFrom(start).finally(() => this.#asked.delete(start));
    this.#asked.set(start, asked);
    await asked;
    if (!this.#kept.has(index)) await this.#fetchFrom(index);
  }

  async #fetchFrom(from: number): Promise<void> {
    const response = await fetch(`frames?from=${from}&count=${batch}`);
    if (!response.ok) throw new Error(`frame ${from}: the server answers ${response.status}`);
    decodeFrames(await response.arrayBuffer()).forEach((frame, i) => this.#keep(from + i, frame));
  }

  /** The oldest go first. */
  #keep(index: number, frame: ViewFrame): void {
    if (this.#kept.has(index)) return;
    this.#kept.set(index, frame);
    this.#atoms += frame.numbers.length;
    for (const [oldest, { numbers }] of this.#kept) {
      if (this.#atoms <= mostAtoms || this.#kept.size <= 2 * batch) break;
      this.#kept.delete(oldest);
      this.#atoms -= numbers.length;
    }
  }
}
