// `mace gui` in a headless Chromium: the playground with the files of the command line, for this machine only.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPlayground } from '../scripts/lib/playground.mjs';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { startPageCommand, type PageCommand } from './support/page-command.js';
import { energyOf } from './support/playground.js';
import { expectedEnergy } from './support/playground-hands.js';
import { root } from './support/workspace.js';

const bundled = join(root, 'packages', 'models', 'bundled');
const required = process.env['MACE_REQUIRE_BROWSER'] === '1';

describe.skipIf(!findChromium() && !required)('mace gui', () => {
  let folder = '';
  let browser: Browser;
  let command: PageCommand;

  beforeAll(async () => {
    await buildPlayground();
    folder = mkdtempSync(join(tmpdir(), 'mace gui '));
    writeFileSync(join(folder, 'no.model'), 'these are words\n');
    writeFileSync(join(folder, 'gone.xyz'), '1\n\nH 0 0 0\n');
    const ice = join(bundled, 'structures', 'ice.xyz');
    command = await startPageCommand(['gui', ice, '--model', 'no.model'], folder);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await command?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens a structure, says why it cannot open a model, and asks nobody but its server', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(240_000);
    const strangers: string[] = [];
    const [own] = command.address.split('?');
    page.on('request', (one) => {
      if (!/^(data|blob):/.test(one.url()) && !one.url().startsWith(own!)) strangers.push(one.url());
    });
    await page.goto(command.address);
    await page.locator('.notice', { hasText: 'no.model' }).waitFor();
    await page.locator('.result', { hasText: 'H32O16' }).waitFor();
    const ice = await expectedEnergy(readFileSync(join(bundled, 'hcno-xtb.safetensors')), 'ice.xyz');
    expect(Number.parseFloat(await energyOf(page))).toBeCloseTo(ice, 5);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    // Nothing of it stays in the browser.
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
    expect(strangers).toEqual([]);
  });

  it('says which file has gone since', async () => {
    // The usual port is taken.
    const own = await startPageCommand(['gui', 'gone.xyz'], folder);
    expect(new URL(own.address).port).not.toBe(new URL(command.address).port);
    rmSync(join(folder, 'gone.xyz'));
    const page = await browser.newPage();
    page.setDefaultTimeout(240_000);
    await page.goto(own.address);
    await page.locator('.notice', { hasText: /gone\.xyz cannot be read: ENOENT/ }).waitFor();
    expect(await energyOf(page)).toMatch(/\d eV$/);
    await page.close();
    await own.end('SIGKILL');
  });

  it('refuses what is no file before it serves anything', async () => {
    await expect(startPageCommand(['gui', '.'], folder)).rejects.toThrow('ended with 1');
    await expect(startPageCommand(['gui', '--model', 'no-such-model'], folder)).rejects.toThrow('ended with 1');
  });

  it('gives nothing without its token, nor beyond its files', async () => {
    const { origin } = new URL(command.address);
    for (const path of ['', 'index.html', 'wrong/given']) expect((await fetch(`${origin}/${path}`)).status).toBe(403);
    const [own] = command.address.split('?');
    for (const path of ['given/2', '..%2f..%2fpackage.json', '%2e%2e/package.json'])
      expect((await fetch(own + path)).status).toBeGreaterThanOrEqual(403);
  });
});
