// `npm run mace -- ARGUMENTS`: the command line, set up if needed.
import { runCli } from './lib/cli.mjs';
import { ready } from './lib/ready.mjs';

await ready('start');
await runCli(process.argv.slice(2));
