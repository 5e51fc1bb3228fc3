/**
 * Frames of extended XYZ as bytes that are appended to a file while a program runs. Compressed ones are whole gzip members: files of
 * members are gzip files too (RFC 1952, section 2.2), and may be cut between any two, to take up a run again.
 *
 * fflate, and no time in the header: the same frame gives the same bytes everywhere, in any version of Node.
 */
import type { Structure } from '@mace/core/structure';
import { gzipSync, strToU8 } from 'fflate';
import { writeExtxyz } from './extxyz.js';

/** The bytes of one more frame; with `gzip` a member of their own. Throws FormatError for what the format cannot hold. */
export function extxyzFrame(structure: Structure, { gzip = false }: { readonly gzip?: boolean } = {}): Uint8Array {
  const text = writeExtxyz([structure]);
  return gzip ? gzipMember(text) : strToU8(text);
}

/** A text as one whole gzip member. */
export function gzipMember(text: string): Uint8Array {
  return gzipSync(strToU8(text), { mtime: 0 });
}
