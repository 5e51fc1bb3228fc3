// `npm run bench -- NAME [ARGUMENTS]`: one benchmark of the folder benchmarks/, set up if needed. Without a name it lists them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './lib/process.mjs';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

const folder = join(root, 'benchmarks');
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.mjs') ? [file.slice(0, -4)] : []));
const [name, ...args] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  process.stderr.write(
    `bench: expected one of ${names.join(', ')}; got ${name ?? 'nothing'}. Example: npm run bench -- engines\n`,
  );
  process.exitCode = 1;
} else {
  await ready('all');
  process.exitCode = await runNode([join(folder, `${name}.mjs`), ...args], {});
}
