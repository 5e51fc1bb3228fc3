/** Bundles the service worker on its own, with the list of files that the start page needs and a name for this build. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    async generateBundle(_, bundle) {
      const started = new Set<string>(['./']);
      const add = (name: string): void => {
        const one = bundle[name];
        if (!one || started.has(name)) return;
        started.add(name);
        const folder = name.slice(0, name.lastIndexOf('/') + 1);
        if (/\.js$/.test(name)) for (const other of importsOf(one)) add(folder + other);
        if (one.type === 'chunk') for (const file of one.viteMetadata?.importedCss ?? []) started.add(file);
      };
      // The engine that computes the first result, and its model; screens and drawings of the page's own, which are small.
      for (const [name, one] of Object.entries(bundle))
        if ((one.type === 'chunk' && one.isEntry) || /(^|\/)(worker-|hcno-xtb|agreement-|speed-|plot-svg-)/.test(name))
          add(name);
      const files = [...started, 'icon.svg', 'manifest.webmanifest'].sort();
      const version = createHash('sha256').update(Object.keys(bundle).sort().join('\n')).digest('hex').slice(0, 12);
      const made = await build({
        configFile: false,
        logLevel: 'error',
        define: { playgroundFiles: JSON.stringify(files), playgroundVersion: `"${version}"` },
        build: {
          write: false,
          target: 'es2022',
          lib: {
            entry: fileURLToPath(new URL('../src/service-worker.ts', import.meta.url)),
            formats: ['es'],
            fileName: 'service-worker',
          },
        },
      });
      const [output] = (Array.isArray(made) ? made : [made]) as [{ output: readonly { code?: string }[] }];
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: output.output[0]!.code ?? '' });
    },
  };
}

/** Files that a module needs before it runs, by their names beside it. */
function importsOf(one: { readonly type: string; readonly code?: string; readonly source?: unknown }): string[] {
  const text = one.type === 'chunk' ? (one.code ?? '') : String(one.source);
  return [...text.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g)].map(([, name]) => name!);
}
