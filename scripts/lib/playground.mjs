// Builds the playground into apps/playground/dist when a source has changed since the last good build.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceHash } from './build.mjs';
import { root, stateFolder, textOf } from './workspace.mjs';

const app = join(root, 'apps', 'playground');
const stamp = join(stateFolder, 'playground');

/** Folder of the built playground. */
export const playgroundFolder = join(app, 'dist');

/** Makes sure that it is that of the present sources; what it needs has to be installed. */
export async function buildPlayground() {
  const hash = appHash();
  if (textOf(stamp) === hash && existsSync(join(playgroundFolder, 'index.html'))) return;
  process.stderr.write('Set-up: building the playground …\n');
  const { build } = await import('vite');
  // As visitors get it: a build follows this variable, which vitest sets.
  const { NODE_ENV } = process.env;
  process.env['NODE_ENV'] = 'production';
  await build({ root: app, logLevel: 'error' }).finally(() => (process.env['NODE_ENV'] = NODE_ENV));
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(stamp, hash);
}

function appHash() {
  const hash = createHash('sha256').update(sourceHash());
  for (const path of ['index.html', 'package.json', 'vite.config.ts', 'build', 'public', 'src'])
    for (const file of filesIn(join(app, path))) hash.update(`\n${file}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * @param {string} path - of a file or a folder
 * @returns {string[]}
 */
function filesIn(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}
