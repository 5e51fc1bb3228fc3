// `npm start [-- FILE]`: energies and forces of the bundled structures, or of FILE, with the bundled model.
import { runCli } from './lib/cli.mjs';
import { ready } from './lib/ready.mjs';

await ready('start');
await runCli(['demo', ...process.argv.slice(2)]);
