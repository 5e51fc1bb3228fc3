/**
 * A structure and its settings as text for the fragment of an address, which browsers send to no server: JSON, compressed (zlib, with its
 * checksum), in base64url, after the version: `s1=…`. Coordinates come back to the last bit.
 */
import { FormatError } from '@mace/core/errors';
import type { InfoValue } from '@mace/core/structure';
import { infoAtRest } from '../files/edit-structure.js';
import { checkShared, longestText } from './check-shared.js';
import type { Shared } from './setup.js';

const version = 1;
/** Characters; mail and chat programs cut longer addresses. */
export const longestLink = 32_000;
/** Bytes of what a link holds: a small text from a stranger does not fill the memory. */
const mostBytes = 4_000_000;

/** @returns the fragment without its `#` @throws FormatError where it would be too long */
export async function writeLink({ name, structure, setup }: Shared): Promise<string> {
  const { numbers, positions, cell, pbc } = structure;
  const info = Object.fromEntries(Object.entries(infoAtRest(structure)).filter(([, value]) => isInLinks(value)));
  const atoms = { numbers: [...numbers], positions: [...positions], cell: cell && [...cell], pbc, info };
  const json = new TextEncoder().encode(JSON.stringify({ name: name.slice(0, longestText), atoms, setup }));
  const text = `s${version}=${toBase64Url(await through(new CompressionStream('deflate'), json, Infinity))}`;
  if (text.length <= longestLink) return text;
  throw new FormatError(
    `a link for ${numbers.length} atoms would have ${text.length.toLocaleString('en')} characters, and programs cut links beyond ${longestLink.toLocaleString('en')}. Export the structure as extended XYZ, and send that file.`,
  );
}

/** Numbers and short texts: a charge, a head, and what else a file says of the whole. */
export function isInLinks(value: InfoValue): boolean {
  return Number.isFinite(value) || (typeof value === 'string' && value.length <= longestText);
}

/** Whether the fragment of an address holds a structure, of whatever version. */
export function isLink(fragment: string): boolean {
  return /^#?s\d+=/.test(fragment);
}

/** @param fragment - with or without its `#` @throws FormatError for another version, and for what is damaged */
export async function readLink(fragment: string): Promise<Shared> {
  const [, found, text] = /^#?s(\d+)=(.*)$/s.exec(fragment) ?? [];
  if (Number(found) !== version)
    throw new FormatError(
      `the link is of version ${found}, and this page reads version ${version}. Open it in the playground that made it, or ask for the structure as a file.`,
    );
  return checkShared(await jsonIn(text!));
}

async function jsonIn(text: string): Promise<unknown> {
  try {
    const bytes = await through(new DecompressionStream('deflate'), fromBase64Url(text), mostBytes);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(
      'the link is damaged, perhaps cut off by a program that passed it on. Copy all of it, or ask for it again.',
      { cause },
    );
  }
}

/** @throws RangeError beyond the number of bytes */
async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  most: number,
): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(stream as ReadableWritablePair<Uint8Array, BufferSource>).getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError(`more than ${most} bytes`);
    }
    pieces.push(next.value);
  }
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @throws DOMException for other characters */
function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}
