// `npm run test:long`: the suites that take minutes to hours (*.long.ts), by hand. Arguments are passed to vitest.
import { runTier } from './lib/suite.mjs';

await runTier('long');
