/** A server for a page of this machine: the loopback only, and a random token in the address. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FormatError } from '@mace/core/errors';

export interface LoopbackServer {
  /** With the token, and a `/` at its end. */
  readonly address: string;
  close(): Promise<void>;
}

/** Answers what is asked for behind the token. */
export type Respond = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const host = '127.0.0.1';

/** @param port - 0 for any that is free @throws FormatError for a port that is taken */
export async function serveOnLoopback(port: number, respond: Respond): Promise<LoopbackServer> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(privacy)) response.setHeader(name, value);
    const path = allowedPath(request, server, token);
    if (path === undefined)
      return answer(response, 403, 'text/plain', 'The address is not whole. Take it from the terminal.\n');
    if (request.method !== 'GET') return answer(response, 405, 'text/plain', 'GET only.\n');
    (async () => respond(path, request, response))().catch((error: unknown) =>
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

export function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': type });
  response.end(body);
}

export function answerNothing(response: ServerResponse): void {
  answer(response, 404, 'text/plain', 'There is nothing of this name.\n');
}

/** Ends when the person at the terminal ends it. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

/** The token stays in this browser, and nobody shows the page within theirs. */
const privacy = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

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
