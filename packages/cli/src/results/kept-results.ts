/**
 * Results of a long run, kept from the first one on: frame by frame they go to `FILE.partial`, which becomes FILE at the end. A run that
 * was stopped, at any moment, goes on from there; a torn frame is computed again, and the file has the same bytes in the end.
 */
import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createGzip } from 'node:zlib';
import { FormatError } from '@mace/core/errors';
import { extendedXyz, openOutput, type Output, type OutputTarget } from '@mace/io/node';
import { frameTexts } from './frame-texts.js';

export interface KeptResults {
  readonly target: OutputTarget;
  /** Results of the run before that were taken over. */
  readonly taken: number;
  /**
   * The frame that an earlier run wrote for the next structure, by the hash of what it is computed from; null where it has to be
   * computed. Asked in the order of the structures.
   */
  known(hash: string): Promise<string | null>;
  /** Takes the next frame, in the order of the structures. @throws FormatError, and then what was written before is there */
  write(frame: string): Promise<void>;
  /** Puts everything in its place. */
  close(): Promise<void>;
  /** Leaves `FILE.partial` for a run with --resume. */
  leave(): Promise<void>;
}

/** The key of a frame that says what it was computed from. */
export const hashKey = (prefix: string): string => `${prefix}input`;
/** Its value: text, whatever the digits. */
export const hashValue = (hash: string): string => `sha256:${hash}`;

/**
 * @param resume - go on from what an earlier run left; without it such a file is an error
 * @throws FormatError for what cannot be written, or cannot be gone on with
 */
export async function openKeptResults(name: string, prefix: string, resume: boolean): Promise<KeptResults> {
  const output = await openOutput(name, extendedXyz);
  if (output.target.kind === 'file') return keptInFile(output, prefix, resume);
  if (resume)
    throw new FormatError(
      `--resume: ${name} is no file, and nothing of an earlier run is in it. Give --output a file.`,
    );
  return {
    target: output.target,
    taken: 0,
    known: async () => null,
    write: (frame) => output.write(frame),
    close: async () => void (await output.close()),
    leave: () => output.abort(),
  };
}

async function keptInFile(output: Output, prefix: string, resume: boolean): Promise<KeptResults> {
  const path = `${output.target.path}.partial`;
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size > 0 && !resume)
    throw new FormatError(
      `${path}: results of a run that was stopped are here. Add --resume to go on with them, or delete the file.`,
    );
  const file = await opened(path);
  // A run that ended is gone on with too, where structures were added.
  const earlier = size > 0 ? frameTexts(path) : resume ? frameTexts(output.target.path) : null;
  let next = await earlier?.next();
  let taken = 0;
  let isLeft = false;
  /** Of what stays. */
  let end = 0;
  /** Whether the file goes on behind `end`. */
  let hasMore = size > 0;
  const isNext = (hash: string): boolean =>
    keyOf(next!.value as Buffer).includes(` ${hashKey(prefix)}=${hashValue(hash)} `);
  return {
    target: output.target,
    get taken() {
      return taken;
    },
    known: async (hash) => {
      if (!earlier || !next || next.done === true || !isNext(hash)) return null;
      const frame = next.value.toString('utf8');
      next = await earlier.next();
      taken++;
      return frame;
    },
    write: async (frame) => {
      const bytes = Buffer.from(frame);
      if (hasMore) {
        const there = Buffer.alloc(bytes.length);
        const { bytesRead } = await file.read(there, 0, bytes.length, end);
        if (bytesRead < bytes.length || !there.equals(bytes)) {
          // What follows is torn, or of other structures.
          next = undefined;
          hasMore = false;
          await earlier?.return(undefined);
          await file.truncate(end);
        }
      }
      if (!hasMore) await append(file, path, bytes, end);
      end += bytes.length;
    },
    close: async () => {
      await earlier?.return(undefined);
      await file.truncate(end);
      await file.sync();
      const content = createReadStream(path, { highWaterMark: 1 << 18 });
      const chunks = /\.gz$/i.test(output.target.path) ? content.pipe(createGzip()) : content;
      let isEmpty = true;
      for await (const chunk of chunks) {
        isEmpty = false;
        await output.write(chunk as Uint8Array);
      }
      if (isEmpty) await output.write('');
      await output.close();
      await file.close();
      await unlink(path);
    },
    leave: async () => {
      // Asked again after an error: it is left already.
      if (isLeft) return;
      isLeft = true;
      await earlier?.return(undefined);
      await output.abort();
      if (end > 0 || size > 0) await file.close();
      else await file.close().then(() => unlink(path));
    },
  };
}

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

/** The comment line of a frame. */
function keyOf(frame: Buffer): string {
  const from = frame.indexOf(10) + 1;
  return frame.toString('utf8', from, frame.indexOf(10, from));
}
