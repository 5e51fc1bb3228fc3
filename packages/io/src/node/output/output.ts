/**
 * The one way in which outputs are written, whatever they hold. A file is whole or not there, and what stood there before
 * survives everything until then: the bytes go to a temporary file beside it, are flushed and counted, and take its name at last.
 * Devices, FIFOs and standard output are never replaced; they have at once what is written.
 *
 * The packages that do this (write-file-atomic, atomically) take the contents as one piece, and put a file where a device stood.
 */
import { constants, write as writeDescriptor } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FormatError } from '@mace/core';
import {
  checkOutput,
  realFiles,
  statsOf,
  writeProblem,
  type FileSystem,
  type OutputTarget,
  type WrittenFormat,
} from './target.js';
import { guard, release, sweepLeftovers, temporaryPath } from './temporary.js';

/** All methods throw FormatError that names the output. After a failed write nothing is written any more, nor put in place. */
export interface Output {
  readonly target: OutputTarget;
  write(data: string | Uint8Array): Promise<void>;
  /** Writes over the first bytes of a file, which were written before. A stream has no way back: FormatError. */
  writeHead(bytes: Uint8Array): Promise<void>;
  /** Puts a file in its place. Returns the number of bytes. */
  close(): Promise<number>;
  /** Leaves what was there before. Does nothing after `close`. */
  abort(): Promise<void>;
}

/**
 * Checks the target, and opens a stream; the temporary file of a file is made with the first write.
 * @throws FormatError for what `checkOutput` refuses, and a stream that cannot be opened
 */
export async function openOutput(
  name: string,
  written?: WrittenFormat,
  fileSystem: FileSystem = realFiles,
): Promise<Output> {
  const target = await checkOutput(name, written, fileSystem);
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw writeProblem(name, error);
    }
  };
  const sink = await named(async () =>
    target.kind === 'file' ? fileSink(target, fileSystem) : streamSink(target, fileSystem),
  );
  let bytes = 0;
  let state: 'open' | 'closed' = 'open';
  // One after the other, and none after one that failed.
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(() =>
      named(work).catch(async (error: unknown) => {
        await sink.discard();
        throw error;
      }),
    );
    last = done;
    return done;
  };
  return {
    target,
    write: (data) =>
      next(async () => {
        if (state === 'closed') throw new FormatError(`${name}: written to after its end. Open it anew.`);
        bytes += await writeAll(sink, typeof data === 'string' ? new TextEncoder().encode(data) : data);
      }),
    writeHead: (head) =>
      next(async () => {
        if (head.length > bytes) throw new Error(`${head.length} bytes are more than were written`);
        await sink.writeHead(head);
      }),
    close: () =>
      next(async () => {
        if (state === 'open') await sink.commit(bytes);
        state = 'closed';
        return bytes;
      }),
    abort: async () => {
      await last.catch(() => undefined);
      if (state === 'open') await sink.discard();
      state = 'closed';
    },
  };
}

/** Writes bytes as one output. Returns their number. @throws FormatError, and then what was there before is there still */
export async function writeFileAtomically(name: string, bytes: Uint8Array): Promise<number> {
  const output = await openOutput(name);
  await output.write(bytes);
  return output.close();
}

/** Where bytes go. */
interface Sink {
  /** Some of the bytes; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  writeHead(bytes: Uint8Array): Promise<void>;
  commit(bytes: number): Promise<void>;
  /** Never throws. */
  discard(): Promise<void>;
}

/** A pipe may be full for now: milliseconds until it is asked again. */
const patience = 1;

/** Systems take fewer bytes than they are given, and say so only in the number that they return. */
async function writeAll(sink: Sink, bytes: Uint8Array): Promise<number> {
  let done = 0;
  do {
    try {
      const written = await sink.write(bytes.subarray(done));
      if (written === 0 && done < bytes.length) throw Object.assign(new Error('no byte was taken'), { code: 'ENOSPC' });
      done += written;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((again) => setTimeout(again, patience));
    }
  } while (done < bytes.length);
  return done;
}

function fileSink({ name, path }: OutputTarget, fileSystem: FileSystem): Sink {
  const temporary = temporaryPath(path);
  let handle: FileHandle | null = null;
  const opened = async (): Promise<FileHandle> => {
    if (handle) return handle;
    await sweepLeftovers(path, fileSystem);
    const isNew = (await statsOf(fileSystem.lstat(path))) === null;
    guard(temporary);
    // What takes the place of a file is as private as that was.
    return (handle = await fileSystem.open(temporary, 'wx', isNew ? 0o666 : 0o600));
  };
  return {
    write: async (bytes) => (await (await opened()).write(bytes)).bytesWritten,
    writeHead: async (bytes) => {
      const file = await opened();
      for (let done = 0; done < bytes.length; )
        done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
    },
    commit: async (bytes) => {
      const file = await opened();
      await file.sync();
      const { size } = await file.stat();
      if (size !== bytes)
        throw new FormatError(
          `${name}: the file cannot be written: ${bytes} bytes were given to the disk, and it holds ${size}. Check the disk, or write to another.`,
        );
      await keepMode(name, path, file, fileSystem);
      handle = null;
      await file.close();
      await fileSystem.rename(temporary, path);
      release(temporary);
      await flushFolder(path, fileSystem);
    },
    discard: async () => {
      await handle?.close().catch(() => undefined);
      handle = null;
      await fileSystem.unlink(temporary).catch(() => undefined);
      release(temporary);
    },
  };
}

/** Owner, group and mode of the file that is about to be replaced; whatever is no file by now is not replaced. */
async function keepMode(name: string, path: string, file: FileHandle, fileSystem: FileSystem): Promise<void> {
  const before = await statsOf(fileSystem.lstat(path));
  if (!before) return;
  if (!before.isFile())
    throw new FormatError(`${name}: this is no longer a file, and stays as it is. Give the name of a file.`);
  const own = await file.stat();
  // Only the superuser gives files away; a group is kept where its members may.
  if (before.uid !== own.uid || before.gid !== own.gid)
    await file.chown(before.uid, before.gid).catch(() => file.chown(-1, before.gid).catch(() => undefined));
  if (before.mode !== own.mode) await file.chmod(before.mode & 0o7777);
}

/** The new name outlasts a power failure where the system can promise that; the file is whole in any case. */
async function flushFolder(path: string, fileSystem: FileSystem): Promise<void> {
  try {
    const folder = await fileSystem.open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows, and some network disks, flush no folders.
  }
}

/** @throws FormatError */
function noWayBack({ name }: OutputTarget): never {
  throw new FormatError(`${name}: its beginning is written last, and this is no file. Give the name of a file.`);
}

async function streamSink(target: OutputTarget, fileSystem: FileSystem): Promise<Sink> {
  const { path, descriptor } = target;
  const writeHead = async (): Promise<void> => noWayBack(target);
  if (descriptor !== null) {
    const write = (bytes: Uint8Array): Promise<number> =>
      new Promise((resolve, reject) => {
        writeDescriptor(descriptor, bytes, (error, written) => (error ? reject(error) : resolve(written)));
      });
    return { write, writeHead, commit: async () => undefined, discard: async () => undefined };
  }
  const handle = await fileSystem.open(path, constants.O_WRONLY | constants.O_NOCTTY);
  return {
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    writeHead,
    commit: () => handle.close(),
    discard: () => handle.close().catch(() => undefined),
  };
}
