// Which sources a committed report speaks for.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, textOf } from './workspace.mjs';

/**
 * Hash of the sources in folders, without their tests. Contents count, not dates, so that it means the same in every clone.
 * @param {readonly string[]} folders - from the root of the workspace
 */
export function hashOfSources(folders) {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.map((path) => path.replaceAll('\\', '/')).sort()) {
      if (!/\.tsx?$/.test(file) || /\.(test|full|long)\.ts$|(^|\/)testing\//.test(file)) continue;
      hash.update(`\n${folder}/${file}\n${textOf(join(root, folder, file))}`);
    }
  }
  return hash.digest('hex');
}
