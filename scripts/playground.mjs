// `npm run playground [-- --port N]`: builds the playground, serves it on the loopback, and prints the address.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

const { values } = parseArgs({ options: { port: { type: 'string' }, 'no-build': { type: 'boolean' } } });
await ready('all');
const { build, preview } = await import('vite');
const folder = join(root, 'apps', 'playground');
if (!values['no-build']) {
  process.stderr.write('Set-up: building the playground …\n');
  await build({ root: folder, logLevel: 'error' });
}
const server = await preview({
  root: folder,
  logLevel: 'error',
  preview: { host: '127.0.0.1', ...(values.port !== undefined && { port: Number(values.port), strictPort: true }) },
});
const [address] = server.resolvedUrls?.local ?? [];
process.stdout.write(
  `The playground is at ${address}\nEverything is computed in the page; Control-C ends the server.\n`,
);
