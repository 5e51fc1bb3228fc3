// `npm run test:long`: the suites that take minutes to hours (*.long.ts). Arguments are passed to vitest.
import { closingLine } from './lib/count.mjs';
import { ready } from './lib/ready.mjs';
import { runVitest } from './lib/vitest.mjs';

await ready('all');
const count = await runVitest(process.argv.slice(2), { MACE_LONG: '1' });
process.stdout.write(`${closingLine(count)}\n`);
process.exitCode = count.failed === 0 ? 0 : 1;
