/** Reads structures of a file or of pasted text, off the page's thread. */
import { FormatError } from '@mace/core/errors';
import { readStructures } from '@mace/io';
import { largestFile, mostStructures } from './limits.js';
import type { ReadFile } from './messages.js';

/** @throws FormatError with the name of the file */
export async function read({ content, name }: { content: Uint8Array | string; name: string }): Promise<ReadFile> {
  if (content.length > largestFile)
    throw new FormatError(
      `${name}: ${(content.length / 1e6).toFixed(0)} MB are more than this page reads (${largestFile / 1e6} MB). Take a part of it, or use the command line.`,
    );
  const structures = readStructures(content, { name });
  if (structures.length === 0) throw new FormatError(`${name}: there is no structure in it.`);
  const empty = structures.findIndex(({ numbers }) => numbers.length === 0);
  if (empty >= 0) throw new FormatError(`${name}: structure ${empty} of it, counted from 0, has no atoms.`);
  return { structures: structures.slice(0, mostStructures), count: structures.length };
}
