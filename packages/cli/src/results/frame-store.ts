/**
 * A file to which frames are appended, each known by a digest, whatever their order: what was written once is never written over, so that a
 * run that is stopped at any moment loses nothing. Of each frame a few numbers are kept in memory.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { FormatError } from '@mace/core/errors';
import { frameTexts } from './frame-texts.js';
import { originOf } from './origin.js';

export class FrameStore {
  /** Where each frame begins, and where the last ends. */
  readonly #starts = [0];
  /** Frames by the beginning of their digest. */
  readonly #numbers = new Map<number, number>();
  readonly #file: FileHandle;

  private constructor(
    readonly path: string,
    readonly prefix: string,
    file: FileHandle,
  ) {
    this.#file = file;
  }

  /** @param check - throws for a frame that is not to be gone on with, and the file is as it was @throws FormatError */
  static async open(path: string, prefix: string, check: (frame: Buffer) => string): Promise<FrameStore> {
    const hashes: [string, number][] = [];
    for await (const frame of frameTexts(path)) hashes.push([check(frame), frame.length]);
    const store = new FrameStore(path, prefix, await opened(path));
    for (const [hash, length] of hashes) store.#add(hash, length);
    await store.#file.truncate(store.#end);
    return store;
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  /** Numbers of frames, each digest once. */
  get numbers(): Iterable<number> {
    return this.#numbers.values();
  }

  get #end(): number {
    return this.#starts.at(-1)!;
  }

  /** The number of the frame with this digest. */
  async find(hash: string): Promise<number | null> {
    const number = this.#numbers.get(keyOf(hash));
    return number !== undefined && originOf(await this.read(number), this.prefix)?.hash === hash ? number : null;
  }

  async read(number: number): Promise<Buffer> {
    return this.#bytes(number, number + 1);
  }

  /** Returns its number. @throws FormatError, and then what was written before is there */
  async append(hash: string, frame: Buffer): Promise<number> {
    await append(this.#file, this.path, frame, this.#end);
    this.#add(hash, frame.length);
    return this.count - 1;
  }

  /** The bytes of frames one after the other; those that lie together are read together. */
  async *chunks(numbers: Iterable<number>): AsyncGenerator<Buffer, void, undefined> {
    let [from, to] = [0, 0];
    for (const number of numbers) {
      if (number === to && this.#starts[to]! - this.#starts[from]! < 1 << 18) to++;
      else {
        if (to > from) yield await this.#bytes(from, to);
        [from, to] = [number, number + 1];
      }
    }
    if (to > from) yield await this.#bytes(from, to);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #add(hash: string, length: number): void {
    const key = keyOf(hash);
    if (!this.#numbers.has(key)) this.#numbers.set(key, this.count);
    this.#starts.push(this.#end + length);
  }

  /** From one frame up to another. */
  async #bytes(from: number, to: number): Promise<Buffer> {
    const start = this.#starts[from]!;
    const bytes = Buffer.alloc(this.#starts[to]! - start);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#file.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0)
        throw new FormatError(
          `${this.path}: the file became shorter while it was in use. Let one run at a time write it.`,
        );
      done += bytesRead;
    }
    return bytes;
  }
}

/** As many bits as a number holds; who finds a frame compares the whole digest. */
const keyOf = (hash: string): number => parseInt(hash.slice(0, 13), 16);

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+').catch(() => open(path, 'wx+'));
  } catch (cause) {
    throw new FormatError(
      `${path}: results are kept in this file until all are there, and it cannot be opened: ${(cause as Error).message}. Write to another folder.`,
      { cause },
    );
  }
}

/** All of the bytes, or what was there before. */
async function append(file: FileHandle, path: string, bytes: Buffer, at: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
      if (bytesWritten === 0) throw new Error('the disk is full');
      done += bytesWritten;
    }
  } catch (cause) {
    await file.truncate(at).catch(() => undefined);
    const why = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'the disk is full' : (cause as Error).message;
    throw new FormatError(
      `${path}: a result cannot be written: ${why}. Those before it are kept; once there is room, --resume goes on.`,
      { cause },
    );
  }
}
