// Packs the packages as they would be published and installs the tarballs in an empty folder with npm.
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node, npmScript, packageNames, read } from './workspace.js';

/** Tarball of each package, by package name. */
export type Tarballs = ReadonlyMap<string, string>;

/** Packs every package below a new temporary folder (with a space in its path). */
export function packAll(): { folder: string; tarballs: Tarballs } {
  const folder = mkdtempSync(join(tmpdir(), 'mace packed '));
  const pnpm = JSON.parse(read('package.json')).packageManager as string;
  const target = join(folder, 'tarballs');
  mkdirSync(target);
  const command = ['-y', pnpm, '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', target];
  const packed = node([npmScript('npx-cli.js'), ...command]);
  if (packed.code !== 0) throw new Error(`pnpm pack failed:\n${packed.stderr}`);
  const files = readdirSync(target);
  const tarballs = new Map(
    packageNames.map((name) => {
      const file = files.find((one) => new RegExp(`^mace-${name}-\\d.*\\.tgz$`).test(one));
      if (!file) throw new Error(`pnpm packed no @mace/${name}.`);
      return [name, join(target, file)];
    }),
  );
  return { folder, tarballs };
}

/**
 * Installs the tarballs in a new folder, each package taken from its tarball wherever it is asked for.
 * @returns the folder, or what npm said if the registry could not be reached
 */
export function installAll(folder: string, tarballs: Tarballs): { app: string; unreachable?: string } {
  const app = join(folder, 'app');
  mkdirSync(app);
  const dependencies = Object.fromEntries([...tarballs].map(([name, file]) => [`@mace/${name}`, `file:${file}`]));
  const overrides = Object.fromEntries(Object.keys(dependencies).map((name) => [name, `$${name}`]));
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies, overrides }));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const installed = node([npmScript('npm-cli.js'), 'install', ...options], app);
  if (installed.code === 0) return { app };
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/.exec(installed.stderr);
  if (offline) return { app, unreachable: offline[0] };
  throw new Error(`npm install of the tarballs failed:\n${installed.stderr}`);
}
