/** Writes the policy of the page into its head, and beside the build what hosts that can set headers should set. */
import type { Plugin } from 'vite';
import { headersOf, isolation, pagePolicy } from './headers.ts';

export function headersPlugin(): Plugin {
  return {
    name: 'headers',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: pagePolicy },
          injectTo: 'head-prepend',
        },
      ],
    },
    generateBundle(_, bundle) {
      const names = ['index.html', ...Object.keys(bundle)];
      const all = Object.fromEntries(names.map((name) => [name, headersOf(name)]));
      this.emitFile({ type: 'asset', fileName: 'headers.json', source: `${JSON.stringify(all, null, 1)}\n` });
      // As Netlify and Cloudflare Pages read it.
      const lines = Object.entries(isolation).map(([name, value]) => `  ${name}: ${value}\n`);
      this.emitFile({ type: 'asset', fileName: '_headers', source: `/*\n${lines.join('')}` });
    },
  };
}
