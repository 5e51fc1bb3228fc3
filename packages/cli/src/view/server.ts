/**
 * A page and its frames, for this machine only: the loopback, a random token in the address, and a policy by which the page may ask this
 * server alone.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FormatError } from '@mace/core/errors';
import type { LogTable } from './log-table.js';
import type { FrameSpool } from './spool.js';

export interface Shown {
  /** Name of the file, for people. */
  readonly title: string;
  readonly frames: FrameSpool;
  readonly log?: LogTable;
  /** The page, whole in one file. */
  readonly html: string;
}

export interface ViewServer {
  readonly address: string;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** @param port - 0 for any that is free @throws FormatError for a port that is taken */
export async function serveView(shown: Shown, port: number): Promise<ViewServer> {
  const token = randomBytes(24).toString('base64url');
  const headers = headersFor(shown.html);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const path = allowedPath(request, server, token);
    if (path === undefined)
      return void answer(response, 403, 'text/plain', 'The address is not whole. Take it from the terminal.\n');
    if (request.method !== 'GET') return void answer(response, 405, 'text/plain', 'GET only.\n');
    respond(shown, path, response).catch((error: unknown) =>
      answer(response, 500, 'text/plain', error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new FormatError(`--port ${port}: ${problems[cause.code ?? ''] ?? cause.message}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  return {
    address: `http://${host}:${(server.address() as AddressInfo).port}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there. Choose another port, or leave it out.',
  EACCES: 'ports below 1024 are not for everybody. Choose one above, or leave it out.',
};

/** What is asked for behind the token; undefined without it, and where a page of elsewhere asks under another name. */
function allowedPath({ url = '/', headers }: IncomingMessage, server: Server, token: string): string | undefined {
  const { port } = server.address() as AddressInfo;
  if (![`${host}:${port}`, `localhost:${port}`].includes(headers.host ?? '')) return undefined;
  const [, given = '', path] = /^\/([^/]*)\/(.*)$/.exec(url) ?? [];
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other) ? path : undefined;
}

async function respond(shown: Shown, path: string, response: ServerResponse): Promise<void> {
  const { frames } = shown;
  const { pathname, searchParams } = new URL(path, 'http://localhost/');
  const number = (name: string, usual: number): number => {
    const value = Number(searchParams.get(name) ?? usual);
    return Number.isInteger(value) && value >= 0 ? value : usual;
  };
  const from = number('from', 0);
  if (pathname === '/') answer(response, 200, 'text/html; charset=utf-8', shown.html);
  else if (pathname === '/about') answer(response, 200, 'application/json', JSON.stringify(aboutOf(shown)));
  else if (pathname === '/series')
    answer(
      response,
      200,
      'application/json',
      JSON.stringify({ from, count: frames.count, series: frames.series(from) }),
    );
  else if (pathname === '/frames' && from < frames.count)
    answer(response, 200, 'application/octet-stream', await frames.read(from, number('count', 1)));
  else if (pathname === '/log') answer(response, 200, 'application/json', JSON.stringify(shown.log ?? {}));
  else answer(response, 404, 'text/plain', 'There is nothing of this name.\n');
}

function aboutOf({ title, frames, log }: Shown): Record<string, unknown> {
  const { count, isWhole, failure = null } = frames;
  return { title, count, isWhole, failure, hasLog: log !== undefined };
}

function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': type });
  response.end(body);
}

/** The page runs its own script and style and no other, and may ask nobody else for anything. */
function headersFor(html: string): Record<string, string> {
  const hashes = (tag: string): string =>
    [...html.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, 'g'))]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ');
  const policy = {
    'default-src': "'none'",
    'script-src': hashes('script'),
    'style-src': hashes('style'),
    'connect-src': "'self'",
    'img-src': 'data: blob:',
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map((words) => words.join(' '))
      .join('; '),
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
