// apps/embed, the page to copy from, in a headless Chromium: it loads the packages from the folder as they are built, and shows the
// energy that Node computes. What it asks for is answered from the folder.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator } from '@mace/core';
import { readExtxyz } from '@mace/io';
import { readModel } from '@mace/models/node';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

describe.skipIf(!findChromium() && !required)('apps/embed', () => {
  it('is short, and shows the energy of water with its forces', async () => {
    const html = readFileSync(join(root, 'apps/embed/index.html'), 'utf8');
    expect(html.trim().split('\n').length).toBeLessThan(60);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.route('**/*', (route) => {
        const file = join(root, new URL(route.request().url()).pathname);
        if (!existsSync(file) || !statSync(file).isFile()) return route.fulfill({ status: 404, body: '' });
        const contentType = types[extname(file)] ?? 'application/octet-stream';
        return route.fulfill({ body: readFileSync(file), contentType });
      });
      await page.goto('https://mace.test/apps/embed/index.html');
      await page.locator('#result', { hasText: 'eV' }).waitFor();
      const [water] = readExtxyz('3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n');
      const calculator = await createCalculator({ model: await readModel('bundled'), backend: wasm({ threads: 1 }) });
      const { energy } = await calculator.evaluate(water!);
      await calculator.dispose();
      expect(await page.locator('#result').textContent()).toContain(`${energy.toFixed(6)} eV, computed by WebAssembly`);
      expect(await page.locator('#view canvas').count()).toBeGreaterThan(0);
      const folder = process.env['MACE_PICTURES'];
      if (folder) await page.screenshot({ path: join(folder, 'embed.png') });
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
