// A folder with pages, as `npm install` and a static server make it of the workspace: packages linked, files served with headers.
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { node, packageNames, root } from './workspace.js';

/** Files of a server: their address, and what stops it. */
export interface Site {
  readonly address: string;
  close(): void;
}

/** Which files of a server have a header: those whose path ends so. */
export type Headers = readonly (readonly [name: string, value: string, only?: string])[];

/** Writes the files, by name, into a new folder beside the packages and what they import. */
export function makeFolder(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(folder, 'node_modules', '@mace'), { recursive: true });
  for (const name of packageNames)
    symlinkSync(join(root, 'packages', name), join(folder, 'node_modules', '@mace', name), 'junction');
  const fflate = realpathSync(join(root, 'packages', 'io', 'node_modules', 'fflate'));
  symlinkSync(fflate, join(folder, 'node_modules', 'fflate'), 'junction');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs `vite build` in a folder. @returns the folder that it makes */
export function viteBuild(folder: string): string {
  const vite = join(dirname(realpathSync(join(root, 'node_modules', 'vite', 'package.json'))), 'bin', 'vite.js');
  const { code, stderr } = node([vite, 'build'], folder);
  if (code !== 0 || stderr !== '') throw new Error(`vite build in ${folder}: ${stderr}`);
  return join(folder, 'dist');
}

const types = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
  ['.svg', 'image/svg+xml'],
  ['.wasm', 'application/wasm'],
]);

/** Serves a folder on localhost. */
export async function serve(folder: string, headers: Headers = []): Promise<Site> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*/, '').replace(/\/$/, '/index.html');
    try {
      const content = readFileSync(join(folder, path));
      response.setHeader('content-type', types.get(extname(path)) ?? 'application/octet-stream');
      for (const [name, value, only = ''] of headers) if (path.endsWith(only)) response.setHeader(name, value);
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://localhost:${port}/`, close: () => server.close() };
}
