// `npm test`: what people run after a change. Set-up, the quick checks, every unit test, and of the conformance kit as much as
// catches every kind of fault; then one line that adds them up. `npm run test:all` is the rest.
// `npm test -- ARGUMENTS` passes its arguments to vitest and leaves the checks out: `npm test -- --project core`.
import { runTier } from './lib/suite.mjs';

await runTier('test', { checks: ['check:format', 'check:layers', 'check:types'] });
