// Where the workspace is, and what is in it. Everything under scripts/ is plain Node without dependencies: it runs
// before anything is installed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository root. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where set-up keeps its stamps and the test run its reports; ignored by git. */
export const stateFolder = join(root, '.setup');

/**
 * Folder names under packages/ that hold a package.
 * @returns {string[]}
 */
export function packageFolders() {
  return foldersIn('packages');
}

/**
 * Paths of the manifests of all packages and apps.
 * @returns {string[]}
 */
export function manifests() {
  return ['packages', 'apps'].flatMap((group) => foldersIn(group).map((name) => join(group, name, 'package.json')));
}

/** @param {string} group */
function foldersIn(group) {
  return readdirSync(join(root, group))
    .filter((name) => existsSync(join(root, group, name, 'package.json')))
    .sort();
}

/**
 * The text of a file with LF line ends, so that a CRLF checkout hashes the same; empty if there is none.
 * @param {string} path
 */
export function textOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r\n', '\n') : '';
}
