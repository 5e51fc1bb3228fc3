/** Where model files are kept: the folder that mace-torch uses too, under the names that it gives them. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheNamesOf, type PublishedModel } from '../published.js';

/** `mace` in `XDG_CACHE_HOME`, else in `~/.cache` (mace/tools/utils.py of mace-torch 0.3.16). */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mace');
}

/** Where the file of a model is, or would be. */
export function cachedPath(model: PublishedModel, folder: string): { readonly path: string; readonly exists: boolean } {
  const paths = cacheNamesOf(model).map((name) => join(folder, name));
  const existing = paths.find((path) => existsSync(path));
  return { path: existing ?? paths[0]!, exists: existing !== undefined };
}
