/**
 * Reads the archive that torch.save writes: a ZIP whose entries are stored, or deflated in TorchScript files.
 *
 * The container part is our own: fflate's `unzip` trusts the directory (no check for overlapping or duplicate entries,
 * no limits, no checksums), and these files come from strangers. fflate only inflates, into a buffer of the declared size.
 */
import { FormatError } from '@mace/core';
import { Inflate } from 'fflate';
import { crc32 } from '../crc32.js';
import { quote } from './quote.js';
import {
  damaged,
  defaultZipLimits,
  readDirectory,
  remedy,
  type LocatedEntry,
  type ZipEntry,
  type ZipLimits,
} from './zip-directory.js';

export { defaultZipLimits, type ZipEntry, type ZipLimits };

/** An opened archive. Entries are unpacked when read; a stored entry is a view of the archive's own bytes. */
export interface ZipArchive {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** @throws FormatError for an entry that does not exist, is damaged or has a wrong checksum. */
  read(name: string): Uint8Array;
}

export interface ZipOptions {
  readonly limits?: Partial<ZipLimits>;
  /** Default true. torch can be told to write no checksums; such files need false. */
  readonly verifyChecksums?: boolean;
}

/** True when the bytes begin as a ZIP archive does. */
export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/** Opens an archive by its central directory and checks all of it. @throws FormatError */
export function openZip(bytes: Uint8Array, options: ZipOptions = {}): ZipArchive {
  const limits = { ...defaultZipLimits, ...options.limits };
  const verify = options.verifyChecksums ?? true;
  const entries = new Map(readDirectory(bytes, limits).map((entry) => [entry.name, entry]));
  return {
    entries,
    read(name) {
      const entry = entries.get(name);
      if (!entry) throw new FormatError(`The archive has no entry ${quote(name)}. ${remedy}`);
      const packed = bytes.subarray(entry.dataOffset, entry.dataOffset + entry.packedSize);
      const data = entry.method === 0 ? packed : inflate(packed, entry);
      if (verify && crc32(data) !== entry.crc) {
        throw damaged(
          `the checksum of entry ${quote(name)} is wrong: expected 0x${entry.crc.toString(16)}, got 0x${crc32(data).toString(16)}`,
        );
      }
      return data;
    },
  };
}

/** Inflates piece by piece and stops at the declared size, whatever the data says. */
function inflate(packed: Uint8Array, entry: LocatedEntry): Uint8Array {
  if (entry.size > packed.length * 1032 + 1032) {
    throw damaged(
      `entry ${quote(entry.name)} declares ${entry.size} bytes, which ${packed.length} packed bytes cannot hold`,
    );
  }
  const out = new Uint8Array(entry.size);
  let filled = 0;
  const stream = new Inflate((chunk) => {
    if (filled + chunk.length > out.length)
      throw damaged(`entry ${quote(entry.name)} unpacks to more than its declared ${entry.size} bytes`);
    out.set(chunk, filled);
    filled += chunk.length;
  });
  const step = 1 << 11; // bounds what one step may produce: deflate expands at most 1032 times
  try {
    for (let at = 0; at < packed.length; at += step)
      stream.push(packed.subarray(at, at + step), at + step >= packed.length);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(
      `The archive is damaged: entry ${quote(entry.name)} cannot be unpacked (${(cause as Error).message}). ${remedy}`,
      { cause },
    );
  }
  if (filled !== out.length)
    throw damaged(`entry ${quote(entry.name)} unpacks to ${filled} bytes, expected ${entry.size}`);
  return out;
}
