/** A server of model files as servers are: with ranges and versions, and with every way to fail that is asked for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface ServedFile {
  readonly bytes: Uint8Array;
  readonly version?: string;
  /** Breaks the connection after so many bytes of an answer. */
  readonly breakAfter?: number;
  /** Stops sending after so many bytes and keeps the connection. */
  readonly hangAfter?: number;
  /** Default true, and said so; `unsaid` allows none and says nothing of it. */
  readonly ranges?: boolean | 'unsaid';
  /** Where every range begins, whatever was asked for. */
  readonly rangesFrom?: number;
  /** Compresses whole answers, though nobody asked for it. */
  readonly compressed?: boolean;
  readonly type?: string;
  readonly status?: number;
  /** Milliseconds between pieces of 64 KiB. */
  readonly pause?: number;
}

export interface TestServer {
  readonly address: string;
  /** Ranges that were asked for, and null for whole files, in order. */
  readonly asked: (string | null)[];
  files: Record<string, ServedFile>;
  close(): Promise<void>;
}

export async function serve(files: Record<string, ServedFile> = {}): Promise<TestServer> {
  const asked: (string | null)[] = [];
  const state = { files };
  const server: Server = createServer((request, response) => {
    asked.push(request.headers.range ?? null);
    const file = state.files[decodeURIComponent(new URL(request.url!, 'http://local').pathname.slice(1))];
    if (!file) response.writeHead(404).end('not found');
    else void answer(request, response, file);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get files() {
      return state.files;
    },
    set files(next) {
      state.files = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, file: ServedFile): Promise<void> {
  const { bytes, version, type = 'application/octet-stream', status = 200 } = file;
  const ranges = (file.ranges ?? true) === true;
  if (file.ranges !== 'unsaid') response.setHeader('accept-ranges', ranges ? 'bytes' : 'none');
  if (file.compressed) {
    const sent = gzipSync(bytes);
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': sent.length }).end(sent);
    return;
  }
  const start = rangeStart(request, file);
  if (ranges && start !== null && start >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const from = ranges && start !== null ? (file.rangesFrom ?? start) : 0;
  const isPart = from > 0 || (start !== null && file.rangesFrom !== undefined);
  response.writeHead(isPart ? 206 : status, {
    'content-type': type,
    'content-length': bytes.length - from,
    ...(version !== undefined && { etag: version }),
    ...(isPart && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  const last = Math.min(bytes.length, from + (file.breakAfter ?? file.hangAfter ?? Infinity));
  for (let at = from; at < last; at += 65536) {
    const piece = bytes.subarray(at, Math.min(last, at + 65536));
    // What the system has not taken yet would be lost where the connection breaks.
    await new Promise<void>((taken) => void response.write(piece, () => taken()));
    if (file.pause !== undefined) await new Promise((next) => setTimeout(next, file.pause));
  }
  if (file.hangAfter !== undefined) return;
  if (file.breakAfter === undefined) response.end();
  else response.destroy();
}

function rangeStart(request: IncomingMessage, { version }: ServedFile): number | null {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  return range && (condition === undefined || condition === version) ? Number(range[1]) : null;
}
