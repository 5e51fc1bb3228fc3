/**
 * Structure files on disk. Reading streams where the format can; writing replaces a file only when the new one is complete.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { gzipSync } from 'fflate';
import type { ByteRange } from '../structure/byte-source.js';
import { readable, readBytes } from './bytes.js';
import { writeFileAtomically } from './output/output.js';
import {
  formatByName,
  readStructures,
  writeStructureBytes,
  type BinaryFormat,
  type FormatChoice,
} from '../structure/formats.js';

/** Largest file that is read at once, bytes; larger ones must be streamed. */
const maximumBytes = 512 * 1024 * 1024;

/** The name under which standard input is read, as `-` is. */
const standardInput = 'standard input';

/** Reads all structures of a file, gzipped or not; `-` is standard input. Throws FormatError, also when it cannot be opened. */
export async function readStructureFile(path: string, choice: Pick<FormatChoice, 'format'> = {}): Promise<Structure[]> {
  if (path === '-') return readStructures(await standardBytes(), { ...choice, name: standardInput });
  const bytes = await readBytes(path, maximumBytes, 'Read it with streamStructureFile, or split it.');
  return readStructures(bytes, { ...choice, name: basename(path) });
}

/** Reads the structures of a file one by one; extended XYZ and ASE trajectories in bounded memory, others at once. Throws FormatError. */
export async function* streamStructureFile(
  path: string,
  choice: Pick<FormatChoice, 'format'> = {},
): AsyncGenerator<Structure> {
  const isStandard = path === '-';
  const name = isStandard ? standardInput : basename(path);
  const format = formatByName({ ...choice, name });
  if (format?.isBinary && !isStandard && !/\.gz$/i.test(path)) {
    yield* streamPlaces(path, format);
    return;
  }
  const stream = format?.isBinary ? undefined : format?.stream;
  if (stream === undefined) {
    yield* await readStructureFile(path, choice);
    return;
  }
  const chunks = isStandard ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
  try {
    yield* stream(chunks as AsyncIterable<Uint8Array>, name);
  } catch (error) {
    throw readable(error, name === standardInput ? name : path);
  } finally {
    chunks.destroy();
  }
}

/** Frames of a file that is read at any place. */
async function* streamPlaces(path: string, format: BinaryFormat): AsyncGenerator<Structure> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw readable(error, path);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      // A pipe has no places, and is opened once.
      yield* readStructures(new Uint8Array(await file.readFile()), { format: format.name, name: basename(path) });
      return;
    }
    const read = async ({ at, length }: ByteRange): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, at + done);
        if (bytesRead === 0)
          throw new FormatError(`${path}: the file became shorter while it was read. Read it again.`);
        done += bytesRead;
      }
      return bytes;
    };
    yield* format.stream({ size: stats.size, read }, basename(path));
  } catch (error) {
    throw readable(error, path);
  } finally {
    await file.close();
  }
}

/** Writes structures; the ending tells the format, `.gz` compresses. The file appears only when it is complete. Throws FormatError. */
export async function writeStructureFile(
  path: string,
  structures: readonly Structure[],
  choice: Pick<FormatChoice, 'format'> = {},
): Promise<void> {
  const bytes = writeStructureBytes(structures, { ...choice, name: basename(path) });
  await writeFileAtomically(path, /\.gz$/i.test(path) ? gzipSync(bytes, { mtime: 0 }) : bytes);
}

async function standardBytes(): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of process.stdin as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > maximumBytes)
      throw new FormatError(
        `${standardInput}: more than ${maximumBytes} bytes at once. Name the format extxyz, which is read as it comes, or split it.`,
      );
    pieces.push(piece);
  }
  return Uint8Array.from(Buffer.concat(pieces));
}
