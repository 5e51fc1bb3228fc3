// The playground as visitors get it: built once, and served as static files by Vite.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './workspace.js';

export interface ServedPlayground {
  /** Of the start page. */
  readonly address: string;
  close(): Promise<void>;
}

export async function servePlayground(): Promise<ServedPlayground> {
  const { build, preview } = await import('vite');
  const outDir = mkdtempSync(join(tmpdir(), 'mace playground '));
  const app = {
    root: join(root, 'apps', 'playground'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  } as const;
  await build(app);
  const server = await preview({ ...app, preview: { host: '127.0.0.1', port: 0 } });
  return {
    address: server.resolvedUrls!.local[0]!,
    close: async () => {
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}
