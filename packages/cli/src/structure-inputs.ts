/** Structure files as people name them: several, folders, quoted patterns, standard input, frames by `@`. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '@mace/core';
import { formatByName } from '@mace/io';
import { glob } from 'tinyglobby';

/**
 * The files behind `names`, in their order; those of a folder and of a pattern by name, with frames by `@` on each.
 * @param skip - takes the refusal of a name, and the others go on
 * @throws FormatError for a folder without structure files, and a pattern that no file matches
 */
export async function structureInputs(
  names: readonly string[],
  skip?: (name: string, refusal: FormatError) => void,
): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    try {
      found.push(...(await filesBehind(name)));
    } catch (error) {
      if (!skip || !(error instanceof FormatError)) throw error;
      skip(name, error);
    }
  }
  return found;
}

async function filesBehind(name: string): Promise<string[]> {
  if (name === '')
    throw new FormatError('the name of a structure file is empty: expected a file, a folder, a pattern, or -.');
  if (name === '-' || isFile(name)) return [name];
  const at = name.lastIndexOf('@');
  const [base, frames] = at > 0 && !existsSync(name) ? [name.slice(0, at), name.slice(at)] : [name, ''];
  if (isFile(base)) return [name];
  if (existsSync(base)) return filesIn(base).map((file) => `${file}${frames}`);
  if (!/[*?{}[\]]/.test(base)) return [name];
  const matches = await glob(base.replaceAll('\\', '/'), { expandDirectories: false, dot: true, absolute: false });
  if (matches.length === 0)
    throw new FormatError(`${name}: no file matches this pattern. Check it, from the folder you are in.`);
  return matches.sort(byName).map((file) => `${file}${frames}`);
}

/** Files whose names are those of a structure format. */
function filesIn(folder: string): string[] {
  const files = readdirSync(folder)
    .filter((name) => formatByName({ name }) !== undefined)
    .sort(byName)
    .map((name) => join(folder, name))
    .filter(isFile);
  if (files.length === 0) {
    const hasFolders = readdirSync(folder, { withFileTypes: true }).some((entry) => entry.isDirectory());
    throw new FormatError(
      `${folder}: there is no structure file in this folder, by name. Name the files, or a quoted pattern: ${hasFolders ? `'${join(folder, '*', '*.xyz')}' for those of folders in it` : `'${join(folder, '*.dat')}' --format extxyz`}.`,
    );
  }
  return files;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

/** 2 before 10. */
function byName(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
