/** One file from a server into a partial file: gone on with where it stopped, watched for standing still, counted. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CancelledError, ModelUnavailableError } from '@mace/core';
import { checkBeginning } from '../content.js';
import type { PublishedModel } from '../published.js';
import { removePartialFile, writeVersion, type PartialFile } from './partial-file.js';

export interface DownloadOptions {
  /** Bytes so far, and all of them where the server says how many. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  readonly cancellation?: AbortSignal;
  /** Seconds without a byte after which the download has failed. Default 60. */
  readonly patience?: number;
}

/**
 * Downloads what `part` still lacks. Returns the number of bytes of the whole.
 * @throws ModelUnavailableError (network, content, disk), CancelledError; what came is kept for the next try unless it is no model
 */
export async function download(
  model: PublishedModel,
  address: string,
  part: PartialFile,
  { onProgress, cancellation, patience = 60 }: DownloadOptions,
): Promise<number> {
  const watch = watched(patience, cancellation);
  let done = part.bytes;
  let total: number | undefined;
  let next = goesOnIf;
  try {
    let response = await request(address, done > 0 ? part : null, watch.signal);
    // Nothing is left to send: either the part is whole, or it is longer than the file has become.
    if (response.status === 416) {
      const whole = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN);
      if (whole === done) return done;
      response = await request(address, null, watch.signal);
    }
    if (!response.ok || !response.body) throw refusedBy(model, address, response);
    // A server that begins elsewhere than it was asked to, or counts compressed bytes, is asked for the whole.
    if (response.status === 206 && (startOf(response) !== done || isCompressed(response))) {
      await response.body.cancel();
      response = await request(address, null, watch.signal);
    }
    if (!response.ok || !response.body) throw refusedBy(model, address, response);
    next = nextTime(response);
    if (response.status !== 206) {
      done = 0;
      await part.handle.truncate(0);
    }
    const length = Number(response.headers.get('content-length') ?? NaN);
    if (Number.isInteger(length) && !isCompressed(response)) total = done + length;
    if (done === 0) await checkRoom(model, part.path, total);
    await writeVersion(part.path, response.headers.get('etag') ?? response.headers.get('last-modified'));
    // Node's streams can be iterated; the types of the web do not know it.
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      watch.live();
      if (done === 0) checkBeginning(model, bytes.subarray(0, 200), address);
      await writeAll(part, bytes, model);
      done += bytes.length;
      onProgress?.(done, total);
    }
  } catch (error) {
    // What is no model, or has no room, is nothing to go on with.
    if (error instanceof ModelUnavailableError && error.reason !== 'network') await removePartialFile(part.path);
    if (error instanceof ModelUnavailableError) throw error;
    if (cancellation?.aborted)
      throw new CancelledError(
        `${model.title}: the download was cancelled after ${megabytes(done)}; next time ${next}.`,
        {
          cause: error,
        },
      );
    const why = watch.stoodStill() ? `nothing came for ${patience} s` : reasonOf(error);
    throw new ModelUnavailableError(
      'network',
      `${model.title} cannot be downloaded from ${address}: ${why}${done > 0 ? ` after ${progressText(done, total)}; run it again, ${next}` : ''}. Without a connection, put the file into the cache: \`mace models import FILE --name ${model.name}\`.`,
      { cause: error },
    );
  } finally {
    watch.end();
  }
  if (total !== undefined && done !== total)
    throw new ModelUnavailableError(
      'network',
      `${model.title}: the download from ${address} stopped at ${progressText(done, total)}. Run it again; ${next}.`,
    );
  return done;
}

async function request(address: string, part: PartialFile | null, signal: AbortSignal): Promise<Response> {
  return fetch(address, {
    signal,
    headers: {
      // Ranges count the bytes of the file, not those of a compressed one.
      'accept-encoding': 'identity',
      ...(part && { range: `bytes=${part.bytes}-`, ...(part.version !== null && { 'if-range': part.version }) }),
    },
  });
}

const goesOnIf = 'it goes on from there if the server allows that';

/** What becomes of a download that stops, as far as the headers of a server tell. */
function nextTime(response: Response): string {
  const ranges = response.headers.get('accept-ranges');
  if (ranges === 'none' || isCompressed(response)) return 'it begins anew, as this server sends whole files only';
  return ranges === 'bytes' || response.status === 206 ? 'it goes on from there' : goesOnIf;
}

/** Where the bytes of an answer to a request for a range begin. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN);
}

/** Whether it is compressed on the way although that was declined; what arrives here is the file all the same. */
function isCompressed(response: Response): boolean {
  return (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
}

function refusedBy(model: PublishedModel, address: string, { status, statusText }: Response): ModelUnavailableError {
  return new ModelUnavailableError(
    'network',
    `${model.title} cannot be downloaded: ${address} answers ${status} ${statusText}. ${status === 404 ? 'The file was moved or removed there.' : 'Try again later.'} A file from elsewhere is taken by \`mace models import FILE --name ${model.name}\`.`,
  );
}

/** One signal for a caller who cancels and a server that stands still. */
function watched(
  patience: number,
  cancellation: AbortSignal | undefined,
): { readonly signal: AbortSignal; live(): void; stoodStill(): boolean; end(): void } {
  const still = new AbortController();
  const timer = setTimeout(() => still.abort(), patience * 1000);
  return {
    signal: cancellation ? AbortSignal.any([cancellation, still.signal]) : still.signal,
    live: () => void timer.refresh(),
    stoodStill: () => still.signal.aborted,
    end: () => clearTimeout(timer),
  };
}

async function writeAll(part: PartialFile, bytes: Uint8Array, model: PublishedModel): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) done += (await part.handle.write(bytes.subarray(done))).bytesWritten;
  } catch (cause) {
    throw new ModelUnavailableError(
      'disk',
      `${model.title} cannot be kept in ${dirname(part.path)}: ${(cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'the disk is full' : (cause as Error).message}. Make room, or set XDG_CACHE_HOME to a folder on another disk. Nothing was kept.`,
      { cause },
    );
  }
}

async function checkRoom(model: PublishedModel, path: string, bytes: number | undefined): Promise<void> {
  const room = await statfs(dirname(path)).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  );
  if (bytes !== undefined && bytes > room)
    throw new ModelUnavailableError(
      'disk',
      `${model.title} has ${megabytes(bytes)}, and ${dirname(path)} has room for ${megabytes(room)}. Make room, or set XDG_CACHE_HOME to a folder on another disk.`,
    );
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: Partial<NodeJS.ErrnoException> };
  const code = cause?.code;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'the name of the server is not known; there may be no connection';
  if (code === 'ECONNREFUSED') return 'the server refuses the connection';
  return cause?.message ?? (error as Error).message;
}

function progressText(done: number, total: number | undefined): string {
  return total === undefined ? megabytes(done) : `${megabytes(done)} of ${megabytes(total)}`;
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}
