// What the workspace's own tests share: where things are, which files are tracked, how to start Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository root. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** Names of the packages, which are their folder names below packages/. */
export const packageNames: readonly string[] = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
);

/** What a finished program left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a program hangs. */
const hang = 1_200_000;

/** Runs Node with arguments, without a shell and without npm's own variables, and waits for it. */
export function node(args: readonly string[], cwd = root): Finished {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|VITEST)/.test(name)),
  );
  const run = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8', timeout: hang, maxBuffer: 1e8 });
  if (run.error) throw run.error;
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

/**
 * Files git knows or would add, as slash-separated paths; undefined where there is no git or no repository, as in a
 * downloaded archive.
 */
export function trackedFiles(): string[] | undefined {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const run = spawnSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  if (run.status !== 0) return undefined;
  return run.stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** Text of a file below the root. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Path of one of npm's own scripts. */
export function npmScript(name: 'npm-cli.js' | 'npx-cli.js'): string {
  const beside = dirname(process.execPath);
  const folders = [
    ...(process.env['npm_execpath'] ? [dirname(process.env['npm_execpath'])] : []),
    join(beside, 'node_modules', 'npm', 'bin'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin'),
  ];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not beside ${process.execPath}; start the tests with \`npm test\`.`);
  return found;
}
