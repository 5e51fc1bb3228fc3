// `npm run test:all`: what continuous integration runs after `npm test`: the linter, the whole conformance kit on every backend,
// the guide, packaging, accuracy (*.full.ts). Arguments are passed to vitest.
import { runTier } from './lib/suite.mjs';

await runTier('full', { checks: ['check:lint'] });
