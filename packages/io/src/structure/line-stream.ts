/**
 * Chunks of text or bytes to lines, with bounded memory: gzip is recognised and undone, one line may not grow without end.
 *
 * fflate rather than `DecompressionStream`: it also works at once (not only as a stream), reads files of several gzip members,
 * and gives small pieces, so that a decompression bomb is stopped early.
 */
import { FormatError } from '@mace/core';
import { Gunzip } from 'fflate';
import { crc32 } from '../crc32.js';
import { isGzip, refuseCompressed, refuseCompressedTwice } from './compression.js';

/** Longest line, in UTF-16 units. */
const maximumLine = 64 * 1024 * 1024;
/** Text never shrinks more than this under gzip; beyond it the file is a decompression bomb. */
const maximumRatio = 250;
const freeBytes = 16 * 1024 * 1024;
/** Longest header of a gzip member that follows another, names and comments included. */
const recentBytes = 65536;

/** Yields batches of lines. Throws FormatError for damaged gzip, invalid UTF-8 and endless lines. */
export async function* streamLines(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  source: string,
): AsyncGenerator<string[]> {
  const cutter = new LineCutter(source);
  for await (const text of streamText(chunks, source)) {
    const lines = cutter.push(text);
    if (lines.length > 0) yield lines;
  }
  const rest = cutter.end();
  if (rest.length > 0) yield rest;
}

/** Decodes bytes at once: gzip undone, UTF-8 checked; Windows-1252 holds Latin-1 and takes any bytes. Throws FormatError. */
export function decodeBytes(bytes: Uint8Array, source: string, encoding: 'utf-8' | 'windows-1252' = 'utf-8'): string {
  const decoder = newDecoder(encoding);
  refuseCompressed(bytes, source);
  if (!isGzip(bytes)) return decode(decoder, bytes, false, source);
  const gunzip = new BoundedGunzip(source);
  let text = '';
  // Pieces keep the decompressed bytes bounded while the ratio is checked.
  for (let at = 0; at < bytes.length; at += 65536) {
    for (const piece of gunzip.push(bytes.subarray(at, at + 65536))) text += decode(decoder, piece, true, source);
  }
  for (const piece of gunzip.end()) text += decode(decoder, piece, true, source);
  return text + decode(decoder, new Uint8Array(0), false, source);
}

/** Undoes gzip at once where there is any. Throws FormatError. */
export function decompressed(bytes: Uint8Array, source: string): Uint8Array {
  refuseCompressed(bytes, source);
  if (!isGzip(bytes)) return bytes;
  const gunzip = new BoundedGunzip(source);
  let all = new Uint8Array(4 * bytes.length);
  let length = 0;
  const take = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) {
      if (length + piece.length > all.length) all = joined(all, new Uint8Array(all.length + piece.length));
      all.set(piece, length);
      length += piece.length;
    }
  };
  for (let at = 0; at < bytes.length; at += 65536) take(gunzip.push(bytes.subarray(at, at + 65536)));
  take(gunzip.end());
  return all.slice(0, length);
}

async function* streamText(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  source: string,
): AsyncGenerator<string> {
  const decoder = newDecoder();
  let head: Uint8Array | undefined = new Uint8Array(0);
  let gunzip: BoundedGunzip | undefined;
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') {
      yield chunk;
      continue;
    }
    let bytes = chunk;
    if (head !== undefined) {
      // The two magic bytes may arrive in two chunks.
      bytes = joined(head, chunk);
      if (bytes.length < 2) {
        head = bytes;
        continue;
      }
      head = undefined;
      refuseCompressed(bytes, source);
      if (isGzip(bytes)) gunzip = new BoundedGunzip(source);
    }
    if (gunzip === undefined) yield decode(decoder, bytes, true, source);
    else for (const piece of gunzip.push(bytes)) yield decode(decoder, piece, true, source);
  }
  if (head !== undefined && head.length > 0) yield decode(decoder, head, true, source);
  if (gunzip !== undefined) for (const piece of gunzip.end()) yield decode(decoder, piece, true, source);
  yield decode(decoder, new Uint8Array(0), false, source);
}

class LineCutter {
  private pieces: string[] = [];
  private length = 0;
  private isFirst = true;
  private endedWithReturn = false;
  constructor(private readonly source: string) {}

  push(text: string): string[] {
    let piece = text;
    if (this.isFirst && piece !== '') {
      this.isFirst = false;
      piece = piece.replace(/^\uFEFF/, '');
    }
    if (this.endedWithReturn && piece.startsWith('\n')) piece = piece.slice(1);
    if (piece !== '') this.endedWithReturn = piece.endsWith('\r');
    const parts = piece.split(/\r\n|\n|\r/);
    const lines: string[] = [];
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at] as string;
      this.pieces.push(part);
      this.length += part.length;
      if (this.length > maximumLine) {
        throw new FormatError(
          `${this.source}: a line has more than ${maximumLine} characters. This is not a structure file, or its line ends are lost.`,
        );
      }
      if (at < parts.length - 1) lines.push(this.take());
    }
    return lines;
  }

  end(): string[] {
    return this.length > 0 ? [this.take()] : [];
  }

  private take(): string {
    const line = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    return line;
  }
}

/** Undoes gzip in pieces. fflate checks neither sums nor sizes, so the trailer of every member is checked here. */
class BoundedGunzip {
  private readonly pieces: Uint8Array[] = [];
  private readonly gunzip: Gunzip;
  private readonly source: string;
  private read = 0;
  private written = 0;
  private members = 1;
  private memberSize = 0;
  private memberSum = 0;
  /** The last bytes that were read: a trailer may stand in an earlier piece than the header after it. */
  private recent = new Uint8Array(0);
  /** Zero bytes at the end of what arrived: of the data if more follows, else perhaps of a tape or a disk block. */
  private zeros = 0;

  constructor(source: string) {
    this.source = source;
    this.gunzip = new Gunzip((piece) => {
      this.written += piece.length;
      this.memberSize += piece.length;
      this.memberSum = crc32(piece, this.memberSum);
      if (this.written > freeBytes + maximumRatio * this.read) {
        throw new FormatError(
          `${source}: the gzip data grow more than ${maximumRatio} times. Decompress the file yourself if you trust it.`,
        );
      }
      if (piece.length > 0 && this.written === piece.length) refuseCompressedTwice(piece, source);
      if (piece.length > 0) this.pieces.push(piece);
    });
    this.gunzip.onmember = (start) => {
      this.checkMember(this.read - start);
      this.members++;
      this.memberSize = 0;
      this.memberSum = 0;
    };
  }

  push(bytes: Uint8Array): Uint8Array[] {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    if (end > 0) {
      this.feedZeros(this.zeros);
      this.zeros = 0;
      this.feed(bytes.subarray(0, end));
    }
    this.zeros += bytes.length - end;
    return this.pieces.splice(0);
  }

  end(): Uint8Array[] {
    // A trailer may end with zeros; those after it are padding (as `gzip` and Python take it).
    let rest = this.zeros;
    for (let taken = 0; taken < 8 && rest > 0 && !this.fitsTrailer(0); taken++, rest--) this.feedZeros(1);
    if (!this.fitsTrailer(0)) this.feedZeros(rest);
    this.guarded(() => this.gunzip.push(new Uint8Array(0), true));
    this.checkMember(0);
    return this.pieces.splice(0);
  }

  private feedZeros(count: number): void {
    for (let left = count; left > 0; left -= 16384) this.feed(new Uint8Array(Math.min(left, 16384)));
  }

  private feed(bytes: Uint8Array): void {
    // Small pieces, so that the ratio is checked before much memory is taken.
    for (let at = 0; at < bytes.length; at += 16384) {
      const part = bytes.subarray(at, at + 16384);
      this.read += part.length;
      this.recent = joined(this.recent, part).slice(-recentBytes);
      this.guarded(() => this.gunzip.push(part, false));
    }
  }

  /** Compares what was decompressed with the trailer (RFC 1952: sum, size) that ends `after` bytes before the last byte read. */
  private checkMember(after: number): void {
    if (this.recent.length - after < 8) this.damaged(undefined, `member ${this.members} has no end`);
    if (!this.fitsTrailer(after))
      this.damaged(undefined, `the sum or the size at the end of member ${this.members} does not fit`);
  }

  private fitsTrailer(after: number): boolean {
    const end = this.recent.length - after;
    if (end < 8) return false;
    const trailer = new DataView(this.recent.buffer, this.recent.byteOffset + end - 8, 8);
    return trailer.getUint32(0, true) === this.memberSum >>> 0 && trailer.getUint32(4, true) === this.memberSize >>> 0;
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof FormatError) throw error;
      this.damaged(error, String((error as Error).message));
    }
  }

  private damaged(cause: unknown, reason: string): never {
    throw new FormatError(`${this.source}: the gzip data are damaged or cut off (${reason}). Copy the file again.`, {
      cause,
    });
  }
}

type Decoder = InstanceType<typeof TextDecoder>;

function newDecoder(encoding = 'utf-8'): Decoder {
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
}

function decode(decoder: Decoder, bytes: Uint8Array, isPart: boolean, source: string): string {
  try {
    return decoder.decode(bytes, { stream: isPart });
  } catch (error) {
    throw new FormatError(
      `${source}: the bytes are not UTF-8 text. This is a binary file, or one in an old encoding: save it as UTF-8.`,
      { cause: error },
    );
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
