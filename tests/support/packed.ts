// Packs the packages as they would be published and installs the tarballs in an empty folder with npm.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestFor, packTo } from '../../scripts/lib/pack.mjs';
import { node, npmScript } from './workspace.js';

/** What npm says where the registry cannot be reached. */
export const offlineError = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/;

/** Tarball of each package, by package name. */
export type Tarballs = ReadonlyMap<string, string>;

/** Packs every package below a new temporary folder (with a space in its path). */
export function packAll(): { folder: string; tarballs: Tarballs } {
  const folder = mkdtempSync(join(tmpdir(), 'mace packed '));
  const tarballs = packTo(join(folder, 'tarballs'));
  return { folder, tarballs };
}

/**
 * Installs the tarballs, or those that are wanted and what they need, in a new folder, each package taken from its tarball wherever it is asked for.
 * @returns the folder, or what npm said if the registry could not be reached
 */
export function installAll(
  folder: string,
  tarballs: Tarballs,
  wanted?: readonly string[],
): { app: string; unreachable?: string } {
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifestFor(tarballs, wanted)));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const installed = node([npmScript('npm-cli.js'), 'install', ...options], app);
  if (installed.code === 0) return { app };
  const offline = offlineError.exec(installed.stderr);
  if (offline) return { app, unreachable: offline[0] };
  throw new Error(`npm install of the tarballs failed:\n${installed.stderr}`);
}
