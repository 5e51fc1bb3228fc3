/**
 * Bytes of a file on disk, with errors that say which file and what to do.
 */
import { open, readFile } from 'node:fs/promises';
import { FormatError } from '@mace/core';

/** Reads a whole file of at most `limit` bytes. Throws FormatError when it is larger or cannot be read; `remedy` ends the message. */
export async function readBytes(path: string, limit: number, remedy: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > limit) throw new FormatError(`${path}: ${size} bytes are more than ${limit} at once. ${remedy}`);
      const { buffer, byteOffset, byteLength } = await readFile(file);
      // A plain array: the `slice` of a Buffer gives a view, that of a Uint8Array a copy, and readers rely on the copy.
      return new Uint8Array(buffer, byteOffset, byteLength);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readable(error, path);
  }
}

/** A FormatError for an error of the file system; any other error as it is. */
export function readable(error: unknown, path: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return error;
  const reason =
    code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'this is a folder' : (error as Error).message;
  return new FormatError(`${path}: the file cannot be read: ${reason}. Check the path.`, { cause: error });
}
