// Policies and isolation of the playground in a headless Chromium: what they refuse, and hosts that set no headers.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standIn } from '../packages/models/test/testing/standins.js';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { energyOf, servePlayground, type ServedPlayground } from './support/playground.js';
import { drop, panel, unfold } from './support/playground-hands.js';
import { serve, type Site } from './support/site.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';

let served: ServedPlayground;
/** The same files without any header. */
let plain: Site;
let browser: Browser;

async function open(context: BrowserContext, address = served.address): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  await energyOf(page);
  return page;
}

const device = (page: Page): Promise<string | null> => page.locator('dl.result .wide dd').textContent();

/** The page and its workers. */
const around = (page: Page): Pick<Page, 'evaluate'>[] => [
  page,
  ...(page.workers() as unknown as Pick<Page, 'evaluate'>[]),
];

/** What becomes of code from text, and of a question to another server without encryption. */
function trespass(): Promise<string[]> {
  const error = (one: unknown): string => (one instanceof Error ? one.name : String(one));
  // Later, so that a debugger's rights are gone.
  return new Promise((resolve) => {
    setTimeout(() => {
      let code = 'code ran';
      try {
        Function('return 1')();
      } catch (one) {
        code = error(one);
      }
      void fetch('http://127.0.0.1:9/').then(
        () => resolve([code, 'answered']),
        (one: unknown) => resolve([code, error(one)]),
      );
    });
  });
}

describe.skipIf(!findChromium() && !required)('policies and isolation of the playground', () => {
  beforeAll(async () => {
    served = await servePlayground();
    plain = await serve(served.folder);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    plain?.close();
    await served?.close();
  });

  it('page and workers run no code from text and ask nobody in the clear; threads, gpu.js and TensorFlow.js run all the same', async () => {
    const context = await browser.newContext();
    const page = await open(context);
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    expect(await device(page)).not.toMatch(/ 1 thread\b/);
    const all = around(page);
    expect(all.length).toBeGreaterThan(1);
    for (const one of all) expect(await one.evaluate(trespass)).toEqual(['EvalError', 'TypeError']);
    expect(refused.filter((text) => /connect-src/.test(text)).length).toBeGreaterThanOrEqual(all.length);
    refused.length = 0;
    await unfold(page, panel('Backend'));
    for (const [name, text] of [
      ['gpujs-webgl', 'gpu.js'],
      ['tfjs-wasm', 'TensorFlow.js'],
    ] as const) {
      await page.getByLabel('Backend', { exact: true }).selectOption(name);
      await page.locator('dl.result .wide dd', { hasText: text }).waitFor();
      expect(await energyOf(page)).toBe('-308.3211 eV');
    }
    expect(refused).toEqual([]);
    await context.close();
  });

  it('on a host without headers the service worker isolates the page by loading it once more, and guards its workers', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    let loads = 0;
    page.on('load', () => loads++);
    await page.goto(plain.address);
    // Nothing is asked of the page before: that would count as use, and a page in use is not loaded again by itself.
    await expect.poll(() => loads, { timeout: 120_000 }).toBe(2);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await energyOf(page);
    expect(await device(page)).not.toMatch(/ 1 thread\b/);
    expect(await page.locator('.one-thread').count()).toBe(0);
    for (const one of around(page)) expect((await one.evaluate(trespass))[0]).toBe('EvalError');
    await context.close();
  });

  it('where the page is in use already, it is left to people to load it once more, and their work is offered then', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    let letIn: () => void = () => {};
    const waits = new Promise<void>((resolve) => (letIn = resolve));
    await context.route('**/service-worker.js', (route) => waits.then(() => route.continue()));
    await page.goto(plain.address);
    const ethanol = await energyOf(page);
    await page.getByRole('button', { name: 'Ice', exact: true }).click();
    await energyOf(page, ethanol);
    letIn();
    const said = page.locator('.one-thread');
    expect(await said.textContent()).toMatch(/^One thread of \d+ computes: the others begin/);
    await page.getByRole('button', { name: 'Caffeine' }).click();
    await unfold(page, panel('Edit'));
    await page.getByRole('button', { name: 'Add an atom' }).click();
    await said.getByRole('button', { name: 'Load again' }).click();
    await page.waitForFunction(() => crossOriginIsolated);
    await page.locator('.offers li', { hasText: 'Caffeine' }).getByRole('button', { name: 'Go on' }).click();
    await page.locator('dl.result', { hasText: 'C8H11N4O2' }).waitFor();
    await context.close();
  });

  it('where service workers are blocked, the page says why there is one thread, and what would help', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await open(context, plain.address);
    const said = page.locator('.one-thread');
    expect(await said.textContent()).toMatch(/lets no service worker.*Cross-Origin-Embedder-Policy: require-corp/);
    expect(await device(page)).toMatch(/ 1 thread\b/);
    await context.close();
  });

  it('at an insecure address the page computes, and says what would help', async () => {
    const context = await browser.newContext();
    await context.route('http://mace.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: plain.address + pathname.slice(1) }) });
    });
    const page = await open(context, 'http://mace.test/');
    expect(await page.locator('.one-thread').textContent()).toMatch(/secure addresses only.*http:\/\/localhost/);
    expect(await page.locator('.unkept').textContent()).toMatch(/not secure, such as http:\/\/mace\.test/);
    await drop(page, 'mine.model', standIn('medium'));
    await page.locator('#model .notice.error', { hasText: 'compute no checksums' }).waitFor();
    expect(await energyOf(page)).toMatch(/^-308\.32/);
    await context.close();
  });

  it('screens and drawings of the page come without a network', async () => {
    const context = await browser.newContext({ acceptDownloads: true });
    const page = await open(context);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await context.setOffline(true);
    await page.reload();
    await energyOf(page);
    await page.getByRole('button', { name: 'Relax', exact: true }).click();
    await page.locator('.notice', { hasText: 'Relaxed' }).waitFor();
    await unfold(page, panel('Export'));
    const plots = page.getByRole('button', { name: 'Plots as SVG' });
    await Promise.all([page.waitForEvent('download'), plots.click()]);
    for (const screen of ['Speed', 'Agreement']) {
      await page.getByRole('link', { name: screen }).click();
      await page.getByRole('heading', { name: screen, exact: true }).waitFor();
    }
    await context.close();
  });
});
