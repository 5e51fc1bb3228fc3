// The packages as they would be published: one tarball each.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmScript } from './process.mjs';
import { packageFolders, root } from './workspace.mjs';

/**
 * Packs every package into a folder; they have to be built.
 * @param {string} target
 * @returns {Map<string, string>} tarball of each package, by its name without the scope
 */
export function packTo(target) {
  mkdirSync(target, { recursive: true });
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const words = ['-y', packageManager, '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', target];
  const run = spawnSync(process.execPath, [npmScript('npx-cli.js'), ...words], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`pnpm pack failed:\n${run.stderr}${run.stdout}`);
  const files = readdirSync(target);
  return new Map(
    packageFolders().map((name) => {
      const file = files.find((one) => new RegExp(`^mace-${name}-\\d.*\\.tgz$`).test(one));
      if (!file) throw new Error(`pnpm packed no @mace/${name}.`);
      return [name, join(target, file)];
    }),
  );
}

/**
 * What a package.json needs to install them, each taken from its tarball wherever it is asked for.
 * @param {ReadonlyMap<string, string>} tarballs
 * @param {readonly string[]} [wanted] - names without the scope; default all
 */
export function manifestFor(tarballs, wanted = [...tarballs.keys()]) {
  const all = Object.fromEntries([...tarballs].map(([name, file]) => [`@mace/${name}`, `file:${file}`]));
  const dependencies = Object.fromEntries(wanted.map((name) => [`@mace/${name}`, all[`@mace/${name}`]]));
  const overrides = Object.fromEntries(
    Object.entries(all).map(([name, file]) => [name, name in dependencies ? `$${name}` : file]),
  );
  return { private: true, type: 'module', dependencies, overrides };
}
