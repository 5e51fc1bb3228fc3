/** Files that are compressed in a way that is not undone here: told by their first bytes. */
import { FormatError } from '@mace/core';

/** Null stands for any byte. */
const kinds: readonly (readonly [kind: string, start: readonly (number | null)[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68, null, 0x31, 0x41, 0x59, 0x26]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ['ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['compress (.Z)', [0x1f, 0x9d]],
  ['zlib', [0x78, 0x9c]],
  ['zlib', [0x78, 0xda]],
];

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Throws FormatError for the start of compressed data other than gzip. */
export function refuseCompressed(bytes: Uint8Array, source: string): void {
  const found = kinds.find(([, start]) => start.every((byte, at) => byte === null || bytes[at] === byte));
  if (found !== undefined)
    throw new FormatError(
      `${source}: the file is compressed (${found[0]}), and only gzip is undone here. Decompress it first.`,
    );
}

/** Throws FormatError for the start of what came out of gzip where that is compressed once more. */
export function refuseCompressedTwice(bytes: Uint8Array, source: string): void {
  if (isGzip(bytes))
    throw new FormatError(`${source}: the file is compressed twice. Decompress it once, with gzip -d.`);
  refuseCompressed(bytes, source);
}
