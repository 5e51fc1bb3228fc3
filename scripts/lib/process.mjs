// Starts other programs without a shell, so that paths with spaces and Windows need no special care.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, textOf } from './workspace.mjs';

/**
 * Runs Node on a script and waits for it.
 * @param {string[]} args - script and its arguments
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdout?: 'stdout' | 'stderr' }} [options] - `stdout`: where its
 *   standard output goes; set-up uses 'stderr' so that the output of the command proper stays clean
 * @returns {Promise<number>} the exit code
 */
export function runNode(args, { cwd = root, env = process.env, stdout = 'stdout' } = {}) {
  return wait(
    spawn(process.execPath, args, { cwd, env, stdio: ['ignore', stdout === 'stderr' ? 2 : 'inherit', 'inherit'] }),
  );
}

/**
 * Runs pnpm in the pinned version through npx; nothing has to be installed before. Its output goes to standard error.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} the exit code
 */
export function runPnpm(args, env = process.env) {
  const npx = ['-y', pinnedPnpm(), ...args];
  const script = npmScript('npx-cli.js');
  if (script) return runNode([script, ...npx], { env, stdout: 'stderr' });
  // No npm beside this Node: rely on the search path. On Windows npx is a .cmd file, which needs the shell.
  return wait(spawn('npx', npx, { cwd: root, env, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' }));
}

/**
 * Path of one of npm's own scripts (`npx-cli.js`, `npm-cli.js`), or undefined if npm cannot be found.
 * @param {string} name
 */
export function npmScript(name) {
  const node = dirname(process.execPath);
  const folders = [
    ...(process.env['npm_execpath'] ? [dirname(process.env['npm_execpath'])] : []),
    join(node, 'node_modules', 'npm', 'bin'),
    join(node, '..', 'lib', 'node_modules', 'npm', 'bin'),
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function pinnedPnpm() {
  return JSON.parse(textOf(join(root, 'package.json'))).packageManager;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function wait(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
