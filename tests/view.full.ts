// The page of `mace view` in a headless Chromium, served by the command itself: what it shows, that it asks nobody but its server, and
// what docs/using/view.md shows of it. MACE_UPDATE=1 writes that picture anew.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Structure } from '@mace/core';
import { readStructureFile, writeStructureFile } from '@mace/io/node';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { startPageCommand, type PageCommand } from './support/page-command.js';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const picture = join(root, 'docs', 'using', 'view.png');
const count = 40;

let folder = '';
let browser: Browser;
let command: PageCommand;
/** What pages asked for, and what went wrong in them. */
const requests: string[] = [];
const complaints: string[] = [];

/** Ice whose atoms go to and fro, with the energies and forces of springs, and a log at twice the rate. */
async function writeRun(): Promise<void> {
  const [ice] = await readStructureFile(join(root, 'packages', 'models', 'bundled', 'structures', 'ice.xyz'));
  const atoms = ice!.numbers.length;
  const way = Float64Array.from({ length: 3 * atoms }, (_, i) => 0.12 * Math.sin(7.1 * i));
  const frames = Array.from({ length: count }, (_, step): Structure => {
    const [out, speed] = [Math.cos(0.3 * step), Math.sin(0.3 * step)];
    const column = (values: Float64Array) => ({ columns: 3, kind: 'real' as const, values });
    return {
      ...ice!,
      positions: ice!.positions.map((x, i) => x + out * way[i]!),
      info: { step: 2 * step, energy: -100 + 8 * out ** 2 },
      arrays: { forces: column(way.map((w) => -8 * out * w)), momenta: column(way.map((w) => 3 * speed * w)) },
    };
  });
  mkdirSync(join(folder, 'run'));
  await writeStructureFile(join(folder, 'run', 'trajectory.xyz'), frames);
  const rows = Array.from({ length: 2 * count }, (_, i) => `${i},${0.5 * i},${-100 + 8 * Math.cos(0.15 * i) ** 2}`);
  writeFileSync(join(folder, 'run', 'log.csv'), `step,time (fs),total energy (eV)\n${rows.join('\n')}\n`);
}

async function open(size: { width: number; height: number }, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: size, colorScheme });
  page.setDefaultTimeout(240_000);
  page.on('request', (one) => requests.push(one.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(command.address);
  await page.locator('body[data-ready]').waitFor();
  return page;
}

const frameOf = (page: Page): Promise<number> => page.evaluate(() => Number(document.body.dataset['frame']));
const at = (page: Page, frame: number): Promise<void> => page.locator(`body[data-frame="${frame}"]`).waitFor();

describe.skipIf(!findChromium() && !required)('mace view', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mace view '));
    await writeRun();
    command = await startPageCommand(['view', 'run'], folder);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await command?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('on a desktop: plays, goes by keys, slider and plots, measures, and shows forces', async () => {
    const page = await open({ width: 960, height: 600 }, 'light');
    expect(await page.locator('#title').textContent()).toBe('run');
    expect(await page.locator('#formula').textContent()).toBe('H32O16');
    expect(await page.locator('.plot h3').allTextContents()).toEqual([
      expect.stringMatching(/^total energy \(eV\)-92$/),
      expect.stringMatching(/^largest force \(eV\/Å\)1\.\d+$/),
      expect.stringMatching(/^temperature \(K\)0$/),
    ]);
    await page.keyboard.press('ArrowRight');
    await at(page, 1);
    await page.keyboard.press('End');
    await at(page, count - 1);
    await page.locator('#frame').fill('12');
    await page.locator('#frame').press('Enter');
    await at(page, 12);
    // Row 24 of the log is that of frame 12.
    const value = -100 + 8 * Math.cos(0.15 * 24) ** 2;
    expect(Number((await page.locator('.plot h3 b').first().textContent()) ?? '')).toBeCloseTo(value, 5);
    await page.locator('#slider').fill('0');
    await at(page, 0);
    await page.keyboard.press(' ');
    await page.waitForFunction(() => Number(document.body.dataset['frame']) >= 2);
    await page.keyboard.press(' ');
    const paused = await frameOf(page);
    await page.waitForTimeout(500);
    expect(Math.abs((await frameOf(page)) - paused)).toBeLessThanOrEqual(1);
    const plot = (await page.locator('.plot .u-over').first().boundingBox())!;
    await page.mouse.click(plot.x + plot.width - 1, plot.y + plot.height / 2);
    await page.waitForFunction((least) => Number(document.body.dataset['frame']) >= least, count - 6);
    await clickAtoms(page);
    expect(await page.locator('#measure').textContent()).toMatch(/^[HO]\d+ – [HO]\d+ {3}\d+\.\d{4} Å$/);
    // After a click keys are those of the page; those of the structure where the keyboard has gone to it.
    const shown = await frameOf(page);
    await page.keyboard.press('ArrowLeft');
    await at(page, shown - 1);
    await page.locator('#scene canvas').first().focus();
    await page.keyboard.press('ArrowLeft');
    expect(await frameOf(page)).toBe(shown - 1);
    await page.keyboard.press('ArrowRight');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('ArrowRight');
    await at(page, shown);
    await page.keyboard.press('f');
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(folder, 'desktop.png') });
    if (process.env['MACE_UPDATE'] === '1' || !existsSync(picture))
      writeFileSync(picture, readFileSync(join(folder, 'desktop.png')));
    expect(statSync(picture).size).toBeLessThan(180_000);
    await page.close();
  });

  it('on a phone, in the dark: nothing is wider than the screen, and the structure is drawn', async () => {
    const page = await open({ width: 390, height: 780 }, 'dark');
    const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(wide).toBeLessThanOrEqual(inner!);
    for (const id of ['play', 'slider', 'speed']) expect(await page.locator(`#${id}`).isVisible()).toBe(true);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe('rgb(15, 18, 22)');
    expect(await coloursOf(page)).toBeGreaterThan(200);
    await page.close();
  });

  it('asks its server alone, breaks no rule of its policy, and nobody gets in without the token', async () => {
    const elsewhere = requests.filter((url) => !url.startsWith(command.address) && !url.startsWith('data:'));
    expect(requests.length).toBeGreaterThan(5);
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
    const page = await browser.newPage();
    const { origin } = new URL(command.address);
    expect((await page.goto(origin))!.status()).toBe(403);
    await page.goto(command.address);
    // What the policy is for: a script that wants to tell others.
    const told = await page.evaluate(() =>
      fetch('https://example.com/').then(
        () => 'told',
        (error: Error) => error.message,
      ),
    );
    expect(told).toMatch(/Failed to fetch|Content Security Policy/);
    await page.close();
  });

  it('ends by Ctrl-C', async () => {
    expect(await command.end('SIGINT')).toBe(0);
    await expect(fetch(command.address)).rejects.toThrow();
  });
});

/** Clicks at places of the scene until two atoms are chosen. */
async function clickAtoms(page: Page): Promise<void> {
  const box = (await page.locator('#scene').boundingBox())!;
  for (let y = 0.3; y < 0.75; y += 0.05)
    for (let x = 0.25; x < 0.75; x += 0.05) {
      if (/–/.test((await page.locator('#measure').textContent()) ?? '')) return;
      await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
    }
}

/** How many colours the picture of the scene has. */
async function coloursOf(page: Page): Promise<number> {
  const png = (await page.locator('#scene').screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
    const seen = new Set<number>();
    for (let i = 0; i < pixels.length; i += 4) seen.add((pixels[i]! << 16) | (pixels[i + 1]! << 8) | pixels[i + 2]!);
    return seen.size;
  }, png);
}
