// What `npm test`, `npm run test:all` and `npm run test:long` have in common: set-up, vitest on the files of their tier, and a
// closing line that adds everything up.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { runChecks } from './checks.mjs';
import { closingLine, sum } from './count.mjs';
import { install } from './install.mjs';
import { buildPlayground } from './playground.mjs';
import { runVitest } from './vitest.mjs';
import { stateFolder } from './workspace.mjs';

/** @typedef {'test' | 'full' | 'long'} Tier - how the names of its files end: `*.test.ts`, `*.full.ts`, `*.long.ts` */

/**
 * Runs a tier, and ends with `N passed, N failed, N skipped`, which `.setup/closing-TIER` has too.
 * @param {Tier} tier
 * @param {{ checks?: readonly string[] }} [options] - `checks`: turbo's tasks; they are left out where arguments are given
 */
export async function runTier(tier, { checks = [] } = {}) {
  const args = process.argv.slice(2);
  const closing = join(stateFolder, `closing-${tier}`);
  rmSync(closing, { force: true });
  const built = await setUp();
  // Once, for all files that look at it.
  if (tier === 'full' && args.length === 0) await buildPlayground();
  // Side by side: the linter leaves all cores but one idle.
  const running = [runVitest(args, { MACE_TIER: tier })];
  if (args.length === 0 && checks.length > 0) running.push(runChecks(checks));
  const counts = [built, ...(await Promise.all(running))];
  if (!process.env['MACE_FIXTURES'])
    process.stdout.write(
      'Skipped: tests on real models and structures. MACE_FIXTURES names the folder that has them.\n',
    );
  const total = sum(counts);
  const line = closingLine(total);
  writeFileSync(closing, `${line}\n`);
  process.stdout.write(`${line}\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

/** The build counts as a test, so that one type error does not hide every other result. */
async function setUp() {
  try {
    await install('all');
  } catch (error) {
    process.stderr.write(`Set-up: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stdout.write(`${closingLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
    process.exit(1);
  }
  try {
    await build('checked');
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    process.stderr.write(`Set-up: ${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
