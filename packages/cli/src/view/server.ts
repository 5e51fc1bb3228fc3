/** The page of `mace view` and its frames, under a policy by which the page may ask this server alone. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { answer, answerNothing, serveOnLoopback, type LoopbackServer } from '../loopback/server.js';
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

/** @param port - 0 for any that is free @throws FormatError for a port that is taken */
export function serveView(shown: Shown, port: number): Promise<LoopbackServer> {
  const policy = policyFor(shown.html);
  return serveOnLoopback(port, (path, _, response) => {
    response.setHeader('content-security-policy', policy);
    return respond(shown, path, response);
  });
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
  else answerNothing(response);
}

function aboutOf({ title, frames, log }: Shown): Record<string, unknown> {
  const { count, isWhole, failure = null } = frames;
  return { title, count, isWhole, failure, hasLog: log !== undefined };
}

/** The page runs its own script and style and no other, and may ask nobody else for anything. */
function policyFor(html: string): string {
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
  return Object.entries(policy)
    .map((words) => words.join(' '))
    .join('; ');
}
