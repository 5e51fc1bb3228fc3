/**
 * The central directory of a ZIP archive: where its entries lie, checked so that no two readers can disagree about them.
 */
import { FormatError } from '@mace/core';
import { quote } from './quote.js';

/** Limits that no real model comes near. */
export interface ZipLimits {
  /** Number of entries. */
  readonly entries: number;
  /** Sum of the unpacked sizes of all entries, bytes. */
  readonly unpackedBytes: number;
  /** Unpacked size of one deflated entry, bytes. */
  readonly inflatedBytes: number;
}

export const defaultZipLimits: ZipLimits = { entries: 100_000, unpackedBytes: 2 ** 34, inflatedBytes: 2 ** 28 };

export interface ZipEntry {
  readonly name: string;
  /** Unpacked size, bytes. */
  readonly size: number;
}

/** Where an entry lies in the archive, offsets in bytes. */
export interface LocatedEntry extends ZipEntry {
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly headerOffset: number;
  readonly dataOffset: number;
}

/** All entries, checked against their headers and against each other. @throws FormatError */
export function readDirectory(bytes: Uint8Array, limits: ZipLimits): LocatedEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = locateDirectory(bytes, view);
  const stop = directory.offset + directory.size;
  if (stop > directory.end)
    throw damaged(
      `the directory (offset ${directory.offset}, ${directory.size} bytes) runs past the end record at ${directory.end}`,
    );
  if (directory.count > limits.entries)
    throw damaged(`it has ${directory.count} entries, more than the limit of ${limits.entries}`);
  const entries: LocatedEntry[] = [];
  const names = new Set<string>();
  let unpacked = 0;
  let at = directory.offset;
  for (let i = 0; i < directory.count; i++) {
    if (at + 46 > stop || view.getUint32(at, true) !== 0x02014b50)
      throw damaged(`directory record ${i} at offset ${at} is cut off or not a record`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > stop) throw damaged(`directory record ${i} at offset ${at} runs past the directory`);
    const entry = readRecord(bytes, view, at, directory.offset);
    if (names.has(entry.name)) throw damaged(`two entries are named ${quote(entry.name)}`);
    names.add(entry.name);
    entries.push(entry);
    unpacked += entry.size;
    if (unpacked > limits.unpackedBytes)
      throw damaged(`its entries unpack to more than the limit of ${limits.unpackedBytes} bytes`);
    if (entry.method !== 0 && entry.size > limits.inflatedBytes) {
      throw damaged(
        `entry ${quote(entry.name)} would unpack to ${entry.size} bytes, more than the limit of ${limits.inflatedBytes}`,
      );
    }
    at = next;
  }
  if (at !== stop)
    throw damaged(
      `the directory declares ${directory.size} bytes but its ${directory.count} records have ${at - directory.offset}`,
    );
  checkOverlaps(entries);
  return entries;
}

export const remedy = 'Copy or download the file again and compare its size and checksum with the original.';
export const damaged = (what: string): FormatError =>
  new FormatError(`The archive is damaged or was made to mislead: ${what}. ${remedy}`);

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  /** Where the end records begin: nothing of an entry may lie beyond. */
  readonly end: number;
}

function locateDirectory(bytes: Uint8Array, view: DataView): Directory {
  const lowest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= lowest; at--) {
    // A record counts only if its comment ends with the file, so that a comment cannot hold a second one.
    if (view.getUint32(at, true) !== 0x06054b50 || at + 22 + view.getUint16(at + 20, true) !== bytes.length) continue;
    if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0)
      throw damaged('it is one part of an archive on several disks');
    const plain = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      end: at,
    };
    const wide = plain.count === 0xffff || plain.size === 0xffffffff || plain.offset === 0xffffffff;
    const hasLocator = at >= 20 && view.getUint32(at - 20, true) === 0x07064b50;
    if (!hasLocator) {
      if (wide) throw damaged('its ZIP64 end record is missing');
      return plain;
    }
    const wideAt = toSize(view.getBigUint64(at - 12, true), 'the offset of the ZIP64 end record');
    if (wideAt + 56 > at - 20 || view.getUint32(wideAt, true) !== 0x06064b50)
      throw damaged(`there is no ZIP64 end record at offset ${wideAt}`);
    return {
      count: toSize(view.getBigUint64(wideAt + 32, true), 'the number of entries'),
      size: toSize(view.getBigUint64(wideAt + 40, true), 'the size of the directory'),
      offset: toSize(view.getBigUint64(wideAt + 48, true), 'the offset of the directory'),
      end: wideAt,
    };
  }
  throw damaged(`no end-of-directory record in ${bytes.length} bytes, so the file is cut off or has bytes appended`);
}

/** One central record and the local header it points to. */
function readRecord(bytes: Uint8Array, view: DataView, at: number, dataEnd: number): LocatedEntry {
  const nameLength = view.getUint16(at + 28, true);
  const nameBytes = bytes.subarray(at + 46, at + 46 + nameLength);
  const name = checkedName(nameBytes);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if (flags & 1) throw damaged(`entry ${quote(name)} is encrypted`);
  if (method !== 0 && method !== 8)
    throw damaged(`entry ${quote(name)} is packed by method ${method}; expected 0 (stored) or 8 (deflate)`);
  const sizes = wideSizes(view, at, nameLength, name);
  const { headerOffset, packedSize, size } = sizes;
  if (headerOffset + 30 > dataEnd || view.getUint32(headerOffset, true) !== 0x04034b50)
    throw damaged(`entry ${quote(name)} has no header at offset ${headerOffset}`);
  const localName = view.getUint16(headerOffset + 26, true);
  const dataOffset = headerOffset + 30 + localName + view.getUint16(headerOffset + 28, true);
  if (dataOffset + packedSize > dataEnd)
    throw damaged(
      `entry ${quote(name)} (${packedSize} bytes at offset ${dataOffset}) runs past the data, which ends at ${dataEnd}`,
    );
  // Two readers must not see two archives: the local header has to agree with the directory.
  const sameName = localName === nameLength && nameBytes.every((byte, k) => byte === bytes[headerOffset + 30 + k]);
  if (!sameName || view.getUint16(headerOffset + 8, true) !== method)
    throw damaged(`the header of entry ${quote(name)} at offset ${headerOffset} disagrees with the directory`);
  if (method === 0 && packedSize !== size)
    throw damaged(`stored entry ${quote(name)} has ${packedSize} bytes but declares ${size}`);
  return { name, size, method, packedSize, headerOffset, dataOffset, crc: view.getUint32(at + 16, true) };
}

function wideSizes(
  view: DataView,
  at: number,
  nameLength: number,
  name: string,
): { size: number; packedSize: number; headerOffset: number } {
  let packedSize = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let headerOffset = view.getUint32(at + 42, true);
  let extra = at + 46 + nameLength;
  const end = extra + view.getUint16(at + 30, true);
  while (extra + 4 <= end) {
    const id = view.getUint16(extra, true);
    const stop = extra + 4 + view.getUint16(extra + 2, true);
    if (stop > end) throw damaged(`the extra field of entry ${quote(name)} is cut off`);
    if (id === 1) {
      let field = extra + 4;
      const take = (what: string): number => {
        if (field + 8 > stop) throw damaged(`the ZIP64 field of entry ${quote(name)} lacks ${what}`);
        field += 8;
        return toSize(view.getBigUint64(field - 8, true), what);
      };
      if (size === 0xffffffff) size = take('its size');
      if (packedSize === 0xffffffff) packedSize = take('its packed size');
      if (headerOffset === 0xffffffff) headerOffset = take('its offset');
    }
    extra = stop;
  }
  return { size, packedSize, headerOffset };
}

function toSize(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`${what} is ${value}`);
  return Number(value);
}

/** Nothing is written to disk, but a path that leaves its folder says what kind of file this is. */
function checkedName(nameBytes: Uint8Array): string {
  const name = new TextDecoder().decode(nameBytes);
  const bad =
    nameBytes.length === 0 ||
    nameBytes.length > 4096 ||
    /[\u0000-\u001f\\]/.test(name) ||
    name.startsWith('/') ||
    /^[A-Za-z]:/.test(name) ||
    name.split('/').includes('..');
  if (bad)
    throw damaged(
      `an entry has the name ${quote(name)}, which no model writer uses (absolute, leading outside, or with control characters)`,
    );
  return name;
}

function checkOverlaps(entries: readonly LocatedEntry[]): void {
  const sorted = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  for (const [i, entry] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && entry.dataOffset + entry.packedSize > next.headerOffset)
      throw damaged(`entries ${quote(entry.name)} and ${quote(next.name)} overlap at offset ${next.headerOffset}`);
  }
}
