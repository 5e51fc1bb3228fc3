/**
 * What lowerings need of gpu.js: arrays of float32 numbers and kernels that make one array of others.
 *
 * In mode `cpu` an array is a typed array, in the WebGL modes a texture; the kernels are the same.
 */

/** An array on the device, with a count of the values that look at it. */
export interface Buffer {
  /** Number of values; 0 is allowed. */
  readonly size: number;
  /** What it takes on the device. */
  readonly bytes: number;
  /** Views of it that are alive; the last one to go releases it. */
  holders: number;
  /** What is passed to a kernel. */
  readonly handle: unknown;
}

/** What a kernel takes: an array, a whole number, or a number. */
export type ArgumentKind = 'buffer' | 'integer';

/** A kernel in the JavaScript subset of gpu.js; it gives the value of element `this.thread.x`. */
export interface KernelSource {
  /** A function expression; kernels are cached by it, so sizes are arguments. */
  readonly code: string;
  readonly kinds: readonly ArgumentKind[];
}

/** An instance of gpu.js with its kernels. */
export interface Device {
  /** Copies. @throws DeviceError where memory is short */
  upload(values: ArrayLike<number>): Buffer;
  /** Copies an index map. @throws UnsupportedError (`size`) where indices are no longer exact */
  uploadIndices(values: Int32Array, name: string): Buffer;
  /** An array of `size` values. @throws DeviceError */
  run(kernel: KernelSource, size: number, operands: readonly (Buffer | number)[]): Buffer;
  /** A fresh copy. @throws DeviceError */
  read(buffer: Buffer): Float32Array;
  release(buffer: Buffer): void;
  /** Releases kernels and the context; arrays are released one by one before. */
  dispose(): Promise<void>;
}
