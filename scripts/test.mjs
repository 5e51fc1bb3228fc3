// `npm test`: set-up, then every check and every test, then one line that adds them up.
// `npm test -- ARGUMENTS` passes its arguments to vitest and leaves the checks out: `npm test -- --project core`.
import { build } from './lib/build.mjs';
import { runChecks } from './lib/checks.mjs';
import { closingLine, sum } from './lib/count.mjs';
import { install } from './lib/install.mjs';
import { runVitest } from './lib/vitest.mjs';

const args = process.argv.slice(2);
const total = sum([await setUp(), ...(args.length === 0 ? [await runChecks()] : []), await runVitest(args)]);
process.stdout.write(`${closingLine(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

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
    await build('all');
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    process.stderr.write(`Set-up: ${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
