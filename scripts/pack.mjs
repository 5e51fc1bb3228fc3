// `npm run pack -- FOLDER [NAME ...]`: tarballs of all packages, and in FOLDER a package.json that installs the named ones (default cli).
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { manifestFor, packTo } from './lib/pack.mjs';
import { ready } from './lib/ready.mjs';
import { packageFolders } from './lib/workspace.mjs';

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || folder.startsWith('-')) {
  process.stderr.write(
    'npm run pack -- FOLDER [NAME ...]: give a folder, and the packages to install there (default cli).\n',
  );
  process.exit(1);
}
const packages = packageFolders();
const unknown = names.find((name) => !packages.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`${unknown} is no package here. There are: ${packages.join(', ')}.\n`);
  process.exit(1);
}
const target = resolve(process.env['INIT_CWD'] ?? '.', folder);
if (existsSync(target) && !statSync(target).isDirectory()) {
  process.stderr.write(`${target} is a file; give a folder.\n`);
  process.exit(1);
}
const manifest = join(target, 'package.json');
if (existsSync(manifest)) {
  process.stderr.write(
    `${manifest} is there already. Give an empty folder; what to add to yours stands in the one made there.\n`,
  );
  process.exit(1);
}
await ready('pack');
const tarballs = packTo(join(target, 'tarballs'));
// Beside the manifest, so that the folder can be moved and copied, into an image for one.
const beside = new Map([...tarballs].map(([name, file]) => [name, `./tarballs/${basename(file)}`]));
writeFileSync(manifest, `${JSON.stringify(manifestFor(beside, names.length > 0 ? names : ['cli']), null, 2)}\n`);
process.stdout.write(`Packed ${tarballs.size} packages. Next, in ${target}: npm install\n`);
