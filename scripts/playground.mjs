// `npm run playground [-- FILE … --port N]`: builds the playground where a source has changed, and opens it as `mace gui` does.
import { runCli } from './lib/cli.mjs';
import { buildPlayground } from './lib/playground.mjs';
import { ready } from './lib/ready.mjs';

await ready('all');
await buildPlayground();
await runCli(['gui', ...process.argv.slice(2)]);
