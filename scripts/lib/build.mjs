// Builds the packages when a source has changed since the last good build: JavaScript with esbuild in a second, types with
// `tsc -b`. Comparing contents takes some 20 ms; an idle `tsc -b` takes a second, which would be felt on every `npm start`.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePackages } from './bundle.mjs';
import { runNode } from './process.mjs';
import { packageFolders, root, stateFolder, textOf } from './workspace.mjs';

const stamp = join(stateFolder, 'built');

/** @typedef {'code' | 'declarations' | 'checked'} Stage - what is built: the JavaScript, its declarations too, all sources checked too */
const stages = ['code', 'declarations', 'checked'];

/**
 * Makes sure that every package's dist folder is that of the present sources.
 * @param {Stage} wanted - `checked` needs the types of other people's engines, which `npm start` does not install
 * @returns {Promise<boolean>} whether anything was built
 * @throws Error if a source does not compile; the compiler's messages are on standard error by then
 */
export async function build(wanted) {
  const hash = sourceHash();
  const present = packageFolders().every((name) => existsSync(join(root, 'packages', name, 'dist')));
  const [done = '', last] = textOf(stamp).split(' ');
  const isDone = present && last === hash;
  if (isDone && stages.indexOf(done) >= stages.indexOf(wanted)) return false;

  const began = performance.now();
  process.stderr.write('Set-up: building …\n');
  if (!isDone) await bundlePackages();
  if (wanted !== 'code') await declare(wanted === 'checked');
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(stamp, `${wanted} ${hash}`);
  process.stderr.write(`Set-up: built in ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
  return true;
}

/**
 * Writes `dist/**.d.ts`.
 * @param {boolean} checked - whether sources are checked for errors of type
 */
async function declare(checked) {
  for (const name of packageFolders()) removeOrphans(join(root, 'packages', name));
  // What was declared without a check counts as built for tsc.
  const options = !checked ? ['--noCheck'] : textOf(stamp).startsWith('declarations') ? ['--force'] : [];
  const words = [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', ...options];
  const code = await runNode(words, { stdout: 'stderr' });
  if (code !== 0) throw new Error('the build failed (see above).');
}

/**
 * Removes declarations of sources that have gone since; tsc leaves them, and they would be published.
 * @param {string} folder - of a package
 */
function removeOrphans(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) return;
  const sources = new Set(sourceFiles(join(folder, 'src')).map((path) => path.replace(/\.ts$/, '')));
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const made = /^(.+?)\.d\.ts(\.map)?$/.exec(path);
    if (made && !sources.has(made[1] ?? '')) rmSync(join(dist, path));
  }
}

/** Of everything that the packages are built from. */
export function sourceHash() {
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
  return files.filter(
    (path) => /\.(ts|css|html)$/.test(path) && !/\.(test|long)\.ts$|(^|[\\/])testing[\\/]/.test(path),
  );
}
