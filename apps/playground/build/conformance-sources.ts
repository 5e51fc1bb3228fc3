/** Hashes of the sources that run in this build, so that a report of a page says what it speaks for as those of the command line do. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sourcesHash } from '../../../scripts/lib/conformance.mjs';

/** By the name of the backend as its definition says it. */
export function conformanceSources(): Record<string, string> {
  const packages = readdirSync(fileURLToPath(new URL('../../../packages', import.meta.url)));
  const names = packages.flatMap((name) => /^backend-(.+)/.exec(name)?.slice(1) ?? []);
  return Object.fromEntries(['reference', ...names].map((name) => [name, sourcesHash(name)]));
}
