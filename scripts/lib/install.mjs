// Installs dependencies when the manifests or the lockfile have changed since the last time, and only then.
// Two modes: 'start' is what the command line needs (the root's `dependencies`), 'all' adds the test tools.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPnpm } from './process.mjs';
import { manifests, root, stateFolder, textOf } from './workspace.mjs';

const stamp = join(stateFolder, 'installed.json');

/**
 * Makes sure that the dependencies of a mode are installed.
 * @param {'start' | 'all'} wanted
 * @returns {Promise<'start' | 'all'>} what is installed
 */
export async function install(wanted) {
  requireNode();
  const hash = manifestHash();
  const present = existsSync(join(root, 'node_modules', '.modules.yaml'));
  const last = present ? JSON.parse(textOf(stamp) || '{}') : {};
  if (last.hash === hash && (last.mode === 'all' || last.mode === wanted)) return last.mode;

  // Never take the test tools away from somebody who has them.
  const mode = wanted === 'all' || existsSync(join(root, 'node_modules', 'vitest')) ? 'all' : 'start';
  const began = performance.now();
  process.stderr.write(`Set-up: installing ${mode === 'all' ? 'all dependencies' : 'what the command line needs'} …\n`);
  const only = mode === 'all' ? [] : ['--prod', '--filter', 'mace-workspace...'];
  const code = await runPnpm(['install', '--frozen-lockfile', '--config.confirm-modules-purge=false', ...only]);
  if (code !== 0) {
    throw new Error(
      'installing dependencies failed (see above). If a package.json was edited, update the lockfile with `npx -y pnpm@10 install`; otherwise check the network and try again.',
    );
  }
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(stamp, `${JSON.stringify({ mode, hash })}\n`);
  const megabytes = (folderSize(join(root, 'node_modules')) / 1e6).toFixed(0);
  process.stderr.write(`Set-up: installed ${megabytes} MB in ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
  return mode;
}

/** Hash of everything that decides what is installed, the platform included (a folder may be copied to another). */
function manifestHash() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const path of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...manifests()]) {
    hash.update(`\n${path.replaceAll('\\', '/')}\n${textOf(join(root, path))}`);
  }
  return hash.digest('hex');
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}. Install a current Node.`);
  }
}

/**
 * Bytes of the files in a folder; links are not followed.
 * @param {string} folder
 * @returns {number}
 */
function folderSize(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderSize(path);
    else if (entry.isFile()) bytes += lstatSync(path).size;
  }
  return bytes;
}
