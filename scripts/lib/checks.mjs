// Formatter, linter, layer rules and the type check of the tests, run by turbo: side by side, and skipped (with the old
// output shown) when none of their inputs changed since they last passed.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countTurbo } from './count.mjs';
import { runPnpm } from './process.mjs';
import { root } from './workspace.mjs';

/**
 * @param {readonly string[]} checks - names of turbo's tasks
 * @returns {Promise<import('./count.mjs').Count>}
 */
export async function runChecks(checks) {
  const summaries = join(root, '.turbo', 'runs');
  rmSync(summaries, { recursive: true, force: true });
  // Through pnpm, because turbo starts the scripts with the pnpm it finds on the search path.
  const options = ['--continue', '--concurrency=2', '--summarize', '--output-logs=new-only', '--no-update-notifier'];
  await runPnpm(['exec', 'turbo', 'run', ...checks, ...options], { ...process.env, TURBO_TELEMETRY_DISABLED: '1' });
  return countTurbo(readSummary(summaries), [...checks]);
}

/** @param {string} folder */
function readSummary(folder) {
  try {
    const [name] = readdirSync(folder);
    return name ? JSON.parse(readFileSync(join(folder, name), 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}
