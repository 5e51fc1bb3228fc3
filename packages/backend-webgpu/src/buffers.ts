/** Memory of the device. Buffers that are given back serve again: making one costs more than most kernels. */

export class Buffers {
  readonly #free = new Map<string, GPUBuffer[]>();
  #held = 0;

  constructor(
    readonly device: GPUDevice,
    /** Of one buffer. */
    readonly mostBytes: number,
  ) {}

  /** A buffer of at least so many bytes, which holds whatever was there before. */
  take(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.min(sizeClass(bytes), Math.max(this.mostBytes, bytes));
    const free = this.#free.get(`${size} ${usage}`)?.pop();
    if (free) {
      this.#held -= size;
      return free;
    }
    return this.device.createBuffer({ size, usage });
  }

  /** What is given to the device before this call still uses the buffer as it was. */
  release(buffer: GPUBuffer): void {
    if (this.#held + buffer.size > mostHeld) {
      buffer.destroy();
      return;
    }
    const key = `${buffer.size} ${buffer.usage}`;
    this.#free.set(key, [...(this.#free.get(key) ?? []), buffer]);
    this.#held += buffer.size;
  }

  /** Gives up what is free. */
  dispose(): void {
    for (const buffers of this.#free.values()) for (const buffer of buffers) buffer.destroy();
    this.#free.clear();
    this.#held = 0;
  }
}

/** Bytes that are kept for later. */
const mostHeld = 2 ** 28;

/** Eight sizes between a power of two and the next, so that at most an eighth is wasted. */
function sizeClass(bytes: number): number {
  const least = Math.max(bytes, 256);
  const step = 2 ** Math.max(Math.floor(Math.log2(least)) - 3, 4);
  return Math.ceil(least / step) * step;
}
