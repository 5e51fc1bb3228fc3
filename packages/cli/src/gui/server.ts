/** Serves the built playground with the headers it asks for, and files that it opens. */
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import sirv from 'sirv';
import { answer, answerNothing, serveOnLoopback, type LoopbackServer } from '../loopback/server.js';

/**
 * @param folder - of the build
 * @param files - paths; read when the page asks for them
 * @param port - 0 for any that is free
 * @throws FormatError for a port that is taken
 */
export async function servePlayground(folder: string, files: readonly string[], port: number): Promise<LoopbackServer> {
  const headers = JSON.parse(readFileSync(join(folder, 'headers.json'), 'utf8')) as Record<string, HeaderTable>;
  const serveFile = sirv(folder);
  const server = await serveOnLoopback(port, async (path, request, response) => {
    const [name = ''] = path.split('?');
    const own = headers[name] ?? headers['index.html']!;
    for (const [key, value] of Object.entries(own)) response.setHeader(key, value);
    const [, index] = /^given\/(\d+)$/.exec(name) ?? [];
    if (name === 'given') answer(response, 200, 'application/json', JSON.stringify(files.map((one) => basename(one))));
    else if (index === undefined) {
      request.url = `/${path}`;
      serveFile(request, response, () => answerNothing(response));
    } else if (files[Number(index)] === undefined) answerNothing(response);
    // A file that cannot be opened is an answer of its own; nothing was sent by then.
    else await pipeline((await open(files[Number(index)]!)).createReadStream(), response);
  });
  // The page asks for what is given, and leaves no copy of itself in the browser.
  return { ...server, address: `${server.address}?given` };
}

type HeaderTable = Readonly<Record<string, string>>;
