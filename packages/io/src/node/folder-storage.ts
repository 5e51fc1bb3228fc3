/** Storage in a folder on disk, for one process at a time. */
import { constants, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { FormatError } from '@mace/core';
import { tooShort, type Appender, type Storage } from '../storage/storage.js';
import { writeFileAtomically } from './output/output.js';
import { statsOf, writeProblem } from './output/target.js';

export interface FolderStorage extends Storage {
  readonly folder: string;
  /** Another process may use the folder now. One that was made and has no files goes. */
  close(): void;
}

/**
 * Makes the folder where it is not there, and keeps other processes out of it until `close` or the end of this one.
 * @param part - what this process works on, where several share the folder and no file
 * @throws FormatError for what is no folder, lacking rights, or a process that works in it
 */
export async function openFolderStorage(folder: string, part = ''): Promise<FolderStorage> {
  const lock = join(folder, `.lock${part}`);
  const made = await asProblemOf(folder, () => makeFolder(folder));
  await takeLock(folder, lock);
  let isClosed = false;
  const release = (): void => {
    isClosed = true;
    process.off('exit', release);
    try {
      unlinkSync(lock);
      if (made !== undefined) rmdirSync(folder);
    } catch {
      // It is gone already, or has files by now.
    }
  };
  process.on('exit', release);
  const requireOpen = (): void => {
    if (isClosed)
      throw new FormatError(`${folder}: the storage is closed, and nothing more is written. Open it again.`);
  };
  return {
    folder,
    place: folder,
    close: release,
    read: async (name) => {
      try {
        return await readFile(join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new FormatError(`${join(folder, name)}: the file cannot be read: ${(error as Error).message}.`, {
          cause: error,
        });
      }
    },
    size: async (name) => (await statsOf(stat(join(folder, name))))?.size ?? null,
    replace: async (name, bytes) => {
      requireOpen();
      const path = join(folder, name);
      await asProblemOf(path, () => makeFolder(dirname(path)));
      await writeFileAtomically(path, bytes);
    },
    remove: async (name) => {
      requireOpen();
      await asProblemOf(join(folder, name), () => rm(join(folder, name), { force: true }));
    },
    append: async (name, length) => {
      requireOpen();
      return openAppender(join(folder, name), length);
    },
  };
}

/**
 * Makes a folder, and those it is in; the first that was made, as `mkdir` of Node with `recursive`. That one never ends where a folder is
 * there and takes none, such as /proc of Linux.
 */
async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((await stat(folder).catch(() => null))?.isDirectory()) return undefined;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || (await stat(parent).catch(() => null))) throw error;
    const first = await makeFolder(parent);
    return (await makeFolder(folder)) === undefined ? first : (first ?? folder);
  }
}

async function openAppender(path: string, length: number): Promise<Appender> {
  const file = await asProblemOf(path, async () => {
    await makeFolder(dirname(path));
    return open(path, constants.O_RDWR | constants.O_CREAT);
  });
  const { size } = await file.stat();
  if (size < length) {
    await file.close();
    throw new FormatError(tooShort(path, size, length));
  }
  await asProblemOf(path, () => file.truncate(length));
  let end = length;
  let failure: Error | undefined;
  return {
    get length() {
      return end;
    },
    write: (bytes) =>
      asProblemOf(path, async () => {
        if (failure) throw failure;
        try {
          for (let done = 0; done < bytes.length; ) {
            const { bytesWritten } = await file.write(bytes, done, bytes.length - done, end);
            if (bytesWritten === 0) throw Object.assign(new Error('no byte was taken'), { code: 'ENOSPC' });
            done += bytesWritten;
            end += bytesWritten;
          }
        } catch (error) {
          failure = error as Error;
          throw error;
        }
      }),
    flush: () => asProblemOf(path, () => file.datasync()),
    close: () => file.close(),
  };
}

/** Notes this process in the folder. That of a process that is gone is taken over. */
async function takeLock(folder: string, lock: string): Promise<void> {
  const mine = `${process.pid} ${hostname()}`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(lock, mine, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeProblem(folder, error);
    }
    const holder = holderOf(lock);
    if (holder !== null && holder !== mine && isAlive(holder))
      throw new FormatError(
        `${folder}: process ${holder.replace(' ', ' of ')} works in this folder. Wait until it has ended, or choose another folder; where it has ended, remove ${lock}.`,
      );
    if (holder === mine)
      throw new FormatError(`${folder}: this process works in this folder already. Choose another, or close it first.`);
    if (holder !== null) unlinkSync(lock);
  }
  throw new FormatError(`${folder}: another process takes this folder at the same time. Try again.`);
}

function holderOf(lock: string): string | null {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return null;
  }
}

/** Of processes of another machine nobody here can tell. */
function isAlive(holder: string): boolean {
  const [pid, ...host] = holder.split(' ');
  if (host.join(' ') !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function asProblemOf<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw writeProblem(path, error);
  }
}
