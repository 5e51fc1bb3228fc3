// Builds the packages with `tsc -b` when a source has changed since the last good build. Comparing contents takes
// some 20 ms; an idle `tsc -b` takes a second, which would be felt on every `npm start`.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './process.mjs';
import { packageFolders, root, stateFolder, textOf } from './workspace.mjs';

const stamp = join(stateFolder, 'built');

/**
 * Makes sure that every package's dist folder is that of the present sources.
 * @param {'start' | 'all'} installed - with 'start' the engines of other people are absent, and so are their types: nothing
 *   is checked then, and declarations are made anew once everything is installed
 * @returns {Promise<boolean>} whether anything was built
 * @throws Error if a source does not compile; the compiler's messages are on standard error by then
 */
export async function build(installed) {
  const hash = `${installed} ${sourceHash()}`;
  const present = packageFolders().every((name) => existsSync(join(root, 'packages', name, 'dist')));
  if (present && textOf(stamp) === hash) return false;

  const began = performance.now();
  process.stderr.write('Set-up: building …\n');
  for (const name of packageFolders()) removeOrphans(join(root, 'packages', name));
  const unchecked = textOf(stamp).startsWith('start');
  const options = installed === 'start' ? ['--noCheck'] : unchecked ? ['--force'] : [];
  const code = await runNode([join('node_modules', 'typescript', 'bin', 'tsc'), '-b', ...options], {
    stdout: 'stderr',
  });
  if (code !== 0) throw new Error('the build failed (see above).');
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(stamp, hash);
  process.stderr.write(`Set-up: built in ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
  return true;
}

/**
 * Removes what an earlier build made of sources that have gone since; tsc leaves it, and it would be published.
 * @param {string} folder - of a package
 */
function removeOrphans(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) return;
  const sources = new Set(sourceFiles(join(folder, 'src')).map((path) => path.replace(/\.ts$/, '')));
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const made = /^(.+?)(\.d\.ts|\.js)(\.map)?$/.exec(path);
    if (made && !sources.has(made[1] ?? '')) rmSync(join(dist, path));
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ path) => hash.update(`\n${path}\n`).update(readFileSync(join(root, path)));
  for (const path of ['pnpm-lock.yaml', 'tsconfig.base.json', 'tsconfig.json']) add(path);
  for (const name of packageFolders()) {
    const folder = `packages/${name}`;
    add(`${folder}/tsconfig.json`);
    add(`${folder}/package.json`);
    for (const path of sourceFiles(join(root, folder, 'src')).sort()) add(`${folder}/src/${path}`);
  }
  return hash.digest('hex');
}

/**
 * Paths of the compiled sources below a folder, relative to it.
 * @param {string} folder
 * @returns {string[]}
 */
function sourceFiles(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((path) => path.endsWith('.ts') && !/\.(test|long)\.ts$|(^|[\\/])testing[\\/]/.test(path));
}
