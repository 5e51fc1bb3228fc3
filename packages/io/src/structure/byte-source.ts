/**
 * Bytes that are asked for by place, at once in memory or one piece after the other on a disk: what reads them is written once, as a
 * generator that yields a range and is given its bytes.
 */

/** Where bytes are asked for. */
export interface ByteRange {
  readonly at: number;
  readonly length: number;
}

/** A file that is read at any place. */
export interface ByteSource {
  readonly size: number;
  /** All bytes of a range that lies in the file. */
  read(range: ByteRange): Promise<Uint8Array>;
}

/** What asks for ranges, all of them inside the file, until it has its result. */
export type Reading<T> = Generator<ByteRange, T, Uint8Array>;

/** A reading of bytes in memory. */
export function readNow<T>(reading: Reading<T>, bytes: Uint8Array): T {
  let next = reading.next();
  while (next.done !== true) next = reading.next(bytes.subarray(next.value.at, next.value.at + next.value.length));
  return next.value;
}

/** A reading of a file. */
export async function readFrom<T>(reading: Reading<T>, source: ByteSource): Promise<T> {
  let next = reading.next();
  while (next.done !== true) next = reading.next(await source.read(next.value));
  return next.value;
}
