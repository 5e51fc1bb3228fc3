// The conformance kit in a page: bundled as a visitor gets it, run by a headless Chromium, its report read from the page.
// Skipped where there is no Chromium; CI installs it and requires it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '@mace/conformance';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mace page '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the conformance kit runs in a page', async (context) => {
  const browser = findBrowser();
  if (!browser && !required)
    context.skip('no Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM.');
  expect(browser).toBeTruthy();
  const { outputFiles } = await build({
    stdin: {
      contents: `import { runConformance } from '@mace/conformance';
        import { typedArrays } from '@mace/backend-typed-arrays';
        const only = ['contract', 'ops/add', 'physics/rotation/A', 'golden/A-molecule'];
        runConformance(typedArrays(), { precision: 'f64', only })
          .then((report) => { document.body.textContent = JSON.stringify(report); })
          .catch((error) => { document.body.textContent = 'failed: ' + error; });`,
      resolveDir: root,
    },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    conditions: ['import'],
    write: false,
  });
  const page = join(folder, 'page.html');
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><body><script>${outputFiles[0]?.text.replaceAll('</script', '<\\/script')}</script>`,
  );
  const options = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'profile')}`];
  const run = spawnSync(
    browser ?? '',
    [...options, '--virtual-time-budget=120000', '--dump-dom', pathToFileURL(page).href],
    {
      encoding: 'utf8',
      timeout: 150_000,
    },
  );
  const text = /<body>(?:<script>[\s\S]*<\/script>)?([\s\S]*?)<\/body>/.exec(run.stdout)?.[1] ?? '';
  expect(text, `${run.stdout.slice(-500)}\n${run.stderr.slice(-500)}`).toMatch(/^\{/);
  const report = JSON.parse(text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>')) as Report;
  expect(report.runtime).toContain('Chrome');
  expect({ failed: report.failed, enough: report.passed > 60 }).toEqual({ failed: 0, enough: true });
}, 180_000);

function findBrowser(): string | undefined {
  const names = [process.env['CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome'];
  return names.find((name) => name && spawnSync(name, ['--version']).status === 0);
}
