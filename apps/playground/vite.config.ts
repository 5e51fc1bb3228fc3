/** The playground as static files that work from any folder, offline after the first load. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { conformanceSources } from './build/conformance-sources.ts';
import { serviceWorker } from './build/service-worker-plugin.ts';

/** Isolates the page, so that threads can share memory. */
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

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
  plugins: [serviceWorker()],
  preview: { headers },
  server: { headers },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The bundled model stays a file, so that it is fetched beside the code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
  },
});
