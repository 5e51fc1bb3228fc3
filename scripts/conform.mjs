// `npm run conform [-- ARGUMENTS]`: the conformance kit on every backend that is present, set up if needed.
import { runCli } from './lib/cli.mjs';
import { ready } from './lib/ready.mjs';

await ready('start');
await runCli(['conform', ...process.argv.slice(2)]);
