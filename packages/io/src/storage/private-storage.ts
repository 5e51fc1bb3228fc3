/**
 * Storage in the private files of a web page's origin (OPFS), for one page or worker at a time: HTML "File System" standard, section 2.
 */
import { FormatError } from '@mace/core';
import { tooShort, type Appender, type Storage } from './storage.js';

/**
 * @param folder - its name among the private files; made where it is not there
 * @throws FormatError where the browser has no private files
 */
export async function openPrivateStorage(folder: string): Promise<Storage> {
  if (typeof navigator === 'undefined' || !navigator.storage?.getDirectory)
    throw new FormatError(
      `${folder}: this page has no private files. Serve it over https or from localhost, and not in a private window.`,
    );
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  const fileOf = async (name: string): Promise<File | null> => {
    const { parent, last } = await placeOf(root, name);
    const handle = await parent.getFileHandle(last).catch((error: DOMException) => {
      if (error.name === 'NotFoundError') return null;
      throw error;
    });
    return handle && handle.getFile();
  };
  return {
    place: folder,
    read: async (name) => {
      const file = await fileOf(name);
      return file && new Uint8Array(await file.arrayBuffer());
    },
    size: async (name) => (await fileOf(name))?.size ?? null,
    replace: async (name, bytes) => {
      const { parent, last } = await placeOf(root, name);
      // What is written goes to a copy, and takes the place of the file when it is closed.
      const file = await (await parent.getFileHandle(last, { create: true })).createWritable();
      await inPlaceOf(name, async () => {
        await file.write(bytes as Uint8Array<ArrayBuffer>);
        await file.close();
      });
    },
    remove: async (name) => {
      const { parent, last } = await placeOf(root, name);
      await parent.removeEntry(last).catch((error: DOMException) => {
        if (error.name !== 'NotFoundError') throw error;
      });
    },
    append: async (name, length) => {
      const { parent, last } = await placeOf(root, name);
      return appender(name, await parent.getFileHandle(last, { create: true }), length);
    },
    hold: () => held(folder),
  };
}

/** A lock of the whole origin, other tabs too: W3C "Web Locks API". */
function held(folder: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const asked = navigator.locks.request(`private storage ${folder}`, { ifAvailable: true }, (lock) => {
      if (lock) return new Promise<void>((release) => resolve(() => release()));
      throw new FormatError(
        `${folder}: another run writes to these private files, perhaps in another tab. Await its end, or choose another folder.`,
      );
    });
    asked.catch(reject);
  });
}

/** Writes are kept until `flush`: every opening of a file copies it. */
async function appender(name: string, handle: FileSystemFileHandle, length: number): Promise<Appender> {
  const { size } = await handle.getFile();
  if (size < length) throw new FormatError(tooShort(name, size, length));
  let waiting: Uint8Array[] = [];
  let end = length;
  let written = length;
  const flush = async (): Promise<void> => {
    await inPlaceOf(name, async () => {
      const file = await handle.createWritable({ keepExistingData: true });
      await file.truncate(written);
      await file.seek(written);
      for (const bytes of waiting) await file.write(bytes as Uint8Array<ArrayBuffer>);
      await file.close();
    });
    waiting = [];
    written = end;
  };
  return {
    get length() {
      return end;
    },
    write: async (bytes) => {
      waiting.push(bytes.slice());
      end += bytes.length;
    },
    flush,
    close: flush,
  };
}

async function placeOf(
  root: FileSystemDirectoryHandle,
  name: string,
): Promise<{ readonly parent: FileSystemDirectoryHandle; readonly last: string }> {
  const parts = name.split('/');
  const last = parts.pop()!;
  let parent = root;
  for (const part of parts) parent = await parent.getDirectoryHandle(part, { create: true });
  return { parent, last };
}

async function inPlaceOf(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason =
      (error as DOMException).name === 'QuotaExceededError'
        ? 'the storage that the browser lets this page have is full. Remove what is not needed'
        : (error as Error).message;
    throw new FormatError(`${name}: the file cannot be written: ${reason}.`, { cause: error });
  }
}
