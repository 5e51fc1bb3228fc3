/** Where the built playground is: a package of its own, which somebody chose to install. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { FormatError } from '@mace/core/errors';
import { inClone } from '../clone.js';

/** @throws FormatError where it is not installed, or not built */
export function playgroundFolder(): string {
  for (const from of [import.meta.url, resolve('package.json')]) {
    const folder = builtFrom(from);
    if (folder !== undefined) return folder;
  }
  throw new FormatError(
    `the playground is not here. ${inClone ? 'Build it and open files: npm run playground -- FILE' : 'Install it: npm install @mace/playground'}. \`mace view\` shows a file without it.`,
  );
}

function builtFrom(place: string): string | undefined {
  try {
    const folder = join(createRequire(place).resolve('@mace/playground/package.json'), '..', 'dist');
    return existsSync(join(folder, 'index.html')) ? folder : undefined;
  } catch {
    return undefined;
  }
}
