// `npm run bench -- NAME [ARGUMENTS]`: one benchmark of the folder benchmarks/, set up if needed; its results go to
// benchmarks/local/, which git ignores. `npm run bench -- keep NAME [FOLDER]` copies them to benchmarks/results/, to be committed.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runNode } from './lib/process.mjs';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

const folder = join(root, 'benchmarks');
const local = join(folder, 'local');
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.mjs') ? [file.slice(0, -4)] : []));
const [name, ...args] = process.argv.slice(2);
if (name === 'keep') keep(args[0], args[1]);
else if (name === undefined || !names.includes(name)) {
  fail(`expected one of ${names.join(', ')}, or keep; got ${name ?? 'nothing'}. Example: npm run bench -- engines`);
} else {
  await ready('all');
  mkdirSync(local, { recursive: true });
  process.exitCode = await runNode([join(folder, `${name}.mjs`), ...args], {});
}

/**
 * Committing a result is a step of its own.
 * @param {string | undefined} result - name of its files, without what they end with
 * @param {string} [below] - folder in results/, such as that of a processor
 */
function keep(result, below = '') {
  const files = ['json', 'md'].map((ending) => `${result}.${ending}`).filter((file) => existsSync(join(local, file)));
  if (result === undefined || files.length === 0) {
    const known = existsSync(local) ? readdirSync(local).join(', ') : 'nothing';
    return fail(
      `keep ${result ?? ''}: there is no such result in benchmarks/local, which holds ${known || 'nothing'}.`,
    );
  }
  const target = join(folder, 'results', below);
  mkdirSync(target, { recursive: true });
  for (const file of files) {
    copyFileSync(join(local, file), join(target, file));
    process.stdout.write(`${relative(root, join(target, file))}\n`);
  }
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`bench: ${message}\n`);
  process.exitCode = 1;
}
