// The JavaScript of the packages: each entry of a package's `exports` and each folder of its sources that has an index.ts
// becomes one file, with what they share beside it. A program that loads hundreds of small files waits longer for their names
// to be resolved than for their code; from a single file a page would get what it does not use.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleViewPage } from './view-page.mjs';
import { packageFolders, root } from './workspace.mjs';

/** Writes `dist/**.js` of every package and the page of `mace view`, and removes what an earlier build made of sources that have gone since. */
export async function bundlePackages() {
  const { build } = await import('esbuild');
  await Promise.all(
    packageFolders().map(async (name) => {
      const folder = join(root, 'packages', name);
      const { metafile } = await build({
        absWorkingDir: folder,
        entryPoints: entriesOf(folder),
        outbase: 'src',
        outdir: 'dist',
        // Shared pieces lie in dist itself, so that `new URL('../data', import.meta.url)` holds in them as in src.
        chunkNames: '[name]-[hash]',
        bundle: true,
        splitting: true,
        format: 'esm',
        platform: 'neutral',
        target: 'es2022',
        packages: 'external',
        sourcemap: true,
        metafile: true,
        logLevel: 'warning',
      });
      removeOthers(join(folder, 'dist'), new Set(Object.keys(metafile.outputs).map((path) => join(folder, path))));
    }),
  );
  await bundleViewPage();
}

/**
 * Sources that become files under their own names; of the command line, which exports nothing, its main file too.
 * @param {string} folder
 */
function entriesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const exported = Object.values(exports).flatMap((entry) => entry['@mace/source']?.slice(2) ?? []);
  const folders = readdirSync(join(folder, 'src')).map((name) => `src/${name}/index.ts`);
  return [...new Set([...exported, 'src/main.ts', ...folders])].filter((path) => existsSync(join(folder, path)));
}

/**
 * @param {string} dist
 * @param {Set<string>} made
 */
function removeOthers(dist, made) {
  if (!existsSync(dist)) return;
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
    if (/\.js(\.map)?$/.test(path) && !made.has(join(dist, path))) rmSync(join(dist, path));
}
