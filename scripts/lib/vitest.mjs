// Runs vitest and counts what it found.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countVitest } from './count.mjs';
import { runNode } from './process.mjs';
import { stateFolder } from './workspace.mjs';

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
  return countVitest(existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, code);
}
