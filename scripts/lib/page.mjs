// Runs a module in a page of a headless Chromium: bundled as a visitor gets it, isolated so that shared memory works,
// its files served from memory. What a page can do is seen here and nowhere else.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { root } from './workspace.mjs';

const emptyPage =
  '<!doctype html><meta charset="utf-8"><title>MACE</title><script type="module" src="/main.js"></script>';
const origin = 'https://mace.test';

const types = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.mjs', 'text/javascript'],
  ['.wasm', 'application/wasm'],
]);

// SwiftShader stands in for a GPU; `--no-sandbox` because containers have none.
const flags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
  '--use-webgpu-adapter=swiftshader',
  '--ignore-gpu-blocklist',
];

/** The Chromium of the operating system, or undefined. `CHROMIUM` names another. */
export function findChromium() {
  const names = [process.env['CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome'];
  return names.find((name) => name && spawnSync(name, ['--version']).status === 0);
}

/** Starts it, without a window. */
export async function launchChromium() {
  const chromium = findChromium();
  if (!chromium)
    throw new Error('there is no Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM.');
  const { chromium: driver } = await import('playwright-core');
  const executablePath = spawnSync('which', [chromium], { encoding: 'utf8' }).stdout.trim() || chromium;
  return driver.launch({ executablePath, args: flags });
}

/**
 * Bundles `source`, loads it in a page and waits for what its exported `main` returns; that has to be JSON.
 * @param {string} source - a module that exports `main(progress)`; imports resolve as from `folder`
 * @param {{ folder?: string, assets?: string[], onProgress?: (text: string) => void, timeoutSeconds?: number,
 *   conditions?: string[], headers?: Record<string, string>, html?: string,
 *   modules?: Record<string, { source: string, folder?: string }> }} [options] - `html`: the page, which loads /main.js;
 *   `modules`: what `source` imports as `page:NAME`, each with the folder from which its own imports resolve; `assets`: folders whose files the page finds under
 *   `/assets/`; `headers`: more of them for every file
 */
export async function runInPage(source, options = {}) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    stdin: {
      contents: `import { main } from 'page:main'; globalThis.runMain = () => main((text) => globalThis.reportProgress(text));`,
      resolveDir: root,
    },
    plugins: [
      {
        name: 'page',
        setup(builder) {
          builder.onResolve({ filter: /^page:/ }, ({ path }) => ({
            path: path.slice('page:'.length),
            namespace: 'page',
          }));
          builder.onLoad({ filter: /.*/, namespace: 'page' }, ({ path }) => {
            const module = path === 'main' ? { source, folder: options.folder } : options.modules?.[path];
            return module && { contents: module.source, loader: 'ts', resolveDir: module.folder ?? root };
          });
        },
      },
    ],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: options.conditions ?? ['import'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['fs', 'path', 'os', 'util', 'crypto', 'worker_threads', 'perf_hooks', 'gl', 'module'],
    write: false,
    logLevel: 'error',
  });
  const bundle = outputFiles[0]?.text ?? '';
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('crash', () => errors.push('the page crashed'));
    await page.exposeFunction('reportProgress', options.onProgress ?? (() => {}));
    await page.route('**/*', (route) => {
      const path = new URL(route.request().url()).pathname;
      const body = path === '/' ? (options.html ?? emptyPage) : contentOf(path, bundle, options.assets ?? []);
      if (body === undefined) return route.fulfill({ status: 404, body: `no ${path}` });
      return route.fulfill({
        body,
        contentType: types.get(extname(path)) ?? (path === '/' ? 'text/html' : 'application/octet-stream'),
        headers: {
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
          ...options.headers,
          'cross-origin-resource-policy': 'same-origin',
        },
      });
    });
    await page.goto(`${origin}/`);
    await page.waitForFunction('globalThis.runMain !== undefined', undefined, { timeout: 600_000 }).catch(() => {
      throw new Error(`the page did not start: ${errors.join('; ') || 'no error was reported'}`);
    });
    const run = page.evaluate('globalThis.runMain()');
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      const seconds = options.timeoutSeconds ?? 3600;
      timer = setTimeout(() => reject(new Error(`the page did not finish within ${seconds} s.`)), seconds * 1000);
    });
    return await Promise.race([run, late]).finally(() => clearTimeout(timer));
  } finally {
    await browser.close();
  }
}

/**
 * @param {string} path
 * @param {string} bundle
 * @param {string[]} assets
 */
function contentOf(path, bundle, assets) {
  if (path === '/main.js') return bundle;
  const name = path.replace(/^\/assets\//, '');
  const folder = assets.find((one) => !name.includes('..') && existsSync(join(one, name)));
  return folder && readFileSync(join(folder, name));
}
