// Makes a copy of the template a package of this workspace: one line of tsconfig.json and one entry of the lockfile, put in
// as text. Writing either file anew, as JSON or by an install, would change lines that have nothing to do with it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

/**
 * Folder of the package that a backend becomes.
 * @param {string} name
 */
export function folderOfPackage(name) {
  return join(root, 'packages', `backend-${name}`);
}

/**
 * Adds `packages/backend-NAME`, whose dependencies are those of the template, to what is built and to what is installed.
 * @param {string} name
 */
export function addToWorkspace(name) {
  edit('tsconfig.json', (text) => withReference(text, name));
  edit('pnpm-lock.yaml', (text) => withImporter(text, name));
}

/**
 * The root's tsconfig.json with the package before the other backends.
 * @param {string} text
 * @param {string} name
 */
export function withReference(text, name) {
  const line = `    { "path": "packages/backend-${name}" },`;
  const lines = text.split('\n');
  if (lines.includes(line)) return text;
  const first = lines.findIndex((one) => /^ {4}\{ "path": "packages\/backend-[^"]+" \},$/.test(one));
  if (first < 0)
    throw new Error(`tsconfig.json: expected lines such as ${line.trim()}, found none. Add the package by hand.`);
  return [...lines.slice(0, first), line, ...lines.slice(first)].join('\n');
}

/**
 * The lockfile with an entry for the package, in alphabetical order as pnpm has them. It is the template's entry under
 * another name; `pnpm install --frozen-lockfile`, which comes next, says so if it were not right.
 * @param {string} text
 * @param {string} name
 */
export function withImporter(text, name) {
  const key = `packages/backend-${name}`;
  const lines = text.split('\n');
  const end = lines.indexOf('packages:');
  const entries = lines.slice(0, end).flatMap((line, at) => {
    const [, path] = /^ {2}(packages\/[^:]+):/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, at }];
  });
  if (entries.some(({ path }) => path === key)) return text;
  const own = entries.findIndex(({ path }) => path === 'packages/backend-typed-arrays');
  if (own < 0)
    throw new Error('pnpm-lock.yaml has no entry packages/backend-typed-arrays. Take the file from git and try again.');
  const entry = lines.slice((entries[own]?.at ?? 0) + 1, entries[own + 1]?.at ?? end);
  const next = entries.find(({ path }) => path > key)?.at ?? end;
  return [...lines.slice(0, next), `  ${key}:`, ...entry, ...lines.slice(next)].join('\n');
}

/**
 * @param {string} path - from the root
 * @param {(text: string) => string} change
 */
function edit(path, change) {
  const file = join(root, path);
  const text = readFileSync(file, 'utf8');
  const windows = text.includes('\r\n');
  const changed = change(text.replaceAll('\r\n', '\n'));
  writeFileSync(file, windows ? changed.replaceAll('\n', '\r\n') : changed);
}
