/** The playground as static files that work from any folder, offline after the first load. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { conformanceSources } from './build/conformance-sources.ts';
import { isolation } from './build/headers.ts';
import { headersPlugin } from './build/headers-plugin.ts';
import { serviceWorker } from './build/service-worker-plugin.ts';

export default defineConfig({
  base: './',
  resolve: {
    conditions: ['@mace/source', 'module', 'browser', 'development|production'],
    // Not among the exports of its package.
    alias: [
      {
        find: /^openchemlib\/resources\.json/,
        replacement: fileURLToPath(new URL('./node_modules/openchemlib/dist/resources.json', import.meta.url)),
      },
    ],
  },
  define: { conformanceSources: JSON.stringify(conformanceSources()) },
  plugins: [headersPlugin(), serviceWorker()],
  server: { headers: isolation },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The bundled model stays a file, so that it is fetched beside the code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
  },
});
