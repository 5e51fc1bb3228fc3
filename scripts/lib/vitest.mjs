// Runs vitest and counts what it found.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { countVitest } from './count.mjs';
import { runNode } from './process.mjs';
import { root, stateFolder } from './workspace.mjs';

/**
 * @param {string[]} args - passed on to `vitest run`
 * @param {NodeJS.ProcessEnv} [env] - variables on top of the present ones
 * @returns {Promise<import('./count.mjs').Count>}
 */
export async function runVitest(args, env = {}) {
  const report = join(stateFolder, 'vitest.json');
  mkdirSync(stateFolder, { recursive: true });
  rmSync(report, { force: true });
  const command = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json'];
  const code = await runNode([...command, `--outputFile.json=${report}`, ...args], { env: { ...process.env, ...env } });
  const found = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  if (found) process.stdout.write(slowestFiles(found.testResults));
  return countVitest(found, code);
}

/**
 * The ten slowest files as text, with the seconds that their tests took.
 * @param {readonly { name: string, startTime: number, endTime: number, assertionResults: readonly { duration?: number | null }[] }[]} files
 */
function slowestFiles(files) {
  const timed = files.map(({ name, assertionResults }) => ({
    name: relative(root, name),
    seconds: assertionResults.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / 1000,
  }));
  const slowest = timed.sort((a, b) => b.seconds - a.seconds).slice(0, 10);
  if (timed.length < 2) return '';
  const lines = slowest.map(({ name, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
  return `The slowest files:\n${lines.join('\n')}\n`;
}
