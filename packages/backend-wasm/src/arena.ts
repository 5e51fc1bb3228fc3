/** One WebAssembly memory and the blocks in it: first fit, neighbors joined when freed. The memory grows and never shrinks. */
import { Turns } from '@mace/core/backend';
import { DeviceError } from '@mace/core/errors';

/** A range of the memory. */
export interface Block {
  readonly address: number;
  readonly bytes: number;
}

const pageBytes = 65536;
/** Every block starts at a cache line. */
const alignment = 64;
/** Room behind each block: kernels work on whole vectors and may touch what is past the end. */
const behind = 64;

/** Of the words that threads agree by. */
export const controlBytes = 4096;

export class Arena {
  readonly memory: WebAssembly.Memory;
  /** Address of the words that threads agree by; no block is there. */
  readonly control = alignment;
  #free: Block[] = [];
  #end = alignment + controlBytes;
  #liveBytes = 0;
  #liveBlocks = 0;
  readonly #turns = new Turns();

  /** @throws DeviceError when the engine gives no memory */
  constructor(
    readonly maximumPages: number,
    readonly shared = false,
  ) {
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages, shared });
    } catch (cause) {
      throw new DeviceError(
        'out-of-memory',
        'WebAssembly memory could not be reserved. Dispose of backends that are no longer needed, or give the process more memory.',
        { cause },
      );
    }
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  get liveBlocks(): number {
    return this.#liveBlocks;
  }

  /** Whether something is being done alone, or waits for its turn. */
  get busy(): boolean {
    return this.#turns.isBusy;
  }

  /** Does one thing after the other; the first begins before this returns. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  /** Its contents are whatever was there. @throws DeviceError when the memory cannot grow */
  allocate(bytes: number): Block {
    const needed = Math.ceil((bytes + behind) / alignment) * alignment;
    const fit = this.#free.findIndex((block) => block.bytes >= needed);
    let block: Block;
    if (fit >= 0) {
      const found = this.#free[fit]!;
      block = { address: found.address, bytes: needed };
      if (found.bytes > needed) this.#free[fit] = { address: found.address + needed, bytes: found.bytes - needed };
      else this.#free.splice(fit, 1);
    } else {
      this.#growTo(this.#end + needed);
      block = { address: this.#end, bytes: needed };
      this.#end += needed;
    }
    this.#liveBytes += block.bytes;
    this.#liveBlocks++;
    return block;
  }

  free(block: Block): void {
    this.#liveBytes -= block.bytes;
    this.#liveBlocks--;
    const at = this.#free.findIndex(({ address }) => address > block.address);
    this.#free.splice(at < 0 ? this.#free.length : at, 0, block);
    const joined: Block[] = [];
    for (const part of this.#free) {
      const last = joined.at(-1);
      if (last && last.address + last.bytes === part.address)
        joined[joined.length - 1] = { address: last.address, bytes: last.bytes + part.bytes };
      else joined.push(part);
    }
    const last = joined.at(-1);
    if (last && last.address + last.bytes === this.#end) {
      this.#end = last.address;
      joined.pop();
    }
    this.#free = joined;
  }

  #growTo(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new DeviceError(
        'out-of-memory',
        `${end} bytes are needed, and WebAssembly has ${this.memory.buffer.byteLength} of at most ${this.maximumPages * pageBytes}. Compute fewer atoms at once, in float32, or with tables of distance functions.`,
        { cause },
      );
    }
  }
}
