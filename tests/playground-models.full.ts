// The playground in a headless Chromium: models from files, by name and of earlier visits; links; work of tabs that were closed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { standIn } from '../packages/models/test/testing/standins.js';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { fixtureFolder } from './support/fixtures.js';
import { energyOf, servePlayground, violationsOf as violations, type ServedPlayground } from './support/playground.js';
import {
  copiedLink,
  drop,
  expectedEnergy,
  keptRuns,
  panel,
  picture,
  publishedModel,
  totalEnergy,
  unfold,
} from './support/playground-hands.js';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const bundled = join(root, 'packages', 'models', 'bundled', 'hcno-xtb.safetensors');

/** For what takes a while on a busy machine. */
const patient = { timeout: 60_000 };

let playground: ServedPlayground;
let browser: Browser;
/** Of most tests: what one keeps, the next finds. */
let context: BrowserContext;
let page: Page;
/** What pages asked for elsewhere, and what went wrong in them. */
let elsewhere: string[] = [];
let complaints: string[] = [];

async function newContext(options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  made.setDefaultTimeout(120_000);
  made.on('request', (one) => {
    if (!one.url().startsWith(playground.address) && !/^(data|blob):/.test(one.url())) elsewhere.push(one.url());
  });
  made.on('weberror', (error) => complaints.push(error.error().message));
  made.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return made;
}

async function open(fragment = '', where = context): Promise<Page> {
  const opened = await where.newPage();
  await opened.goto(playground.address + fragment);
  return opened;
}

/** Loads the page of most tests anew. @returns the energy that it shows first */
async function openAnew(fragment = ''): Promise<string> {
  // Else an address that differs in its fragment alone would not load it.
  await page.goto('about:blank');
  await page.goto(playground.address + fragment);
  return energyOf(page);
}

describe.skipIf(!findChromium() && !required)('models, links and sessions of the playground', () => {
  beforeAll(async () => {
    playground = await servePlayground();
    browser = await launchChromium();
    context = await newContext();
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.unrouteAll({ behavior: 'ignoreErrors' });
    const said = complaints;
    [elsewhere, complaints] = [[], []];
    expect(said).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await playground?.close();
  });

  it('a dropped model is opened, is kept, and opens at the next visit', async () => {
    await openAnew();
    const water = join(root, 'packages', 'models', 'bundled', 'structures', 'ice.xyz');
    await drop(page, 'ice.xyz', readFileSync(water));
    await page.waitForFunction(() => document.querySelector('dl.result')?.textContent?.includes('H32O16'));
    await energyOf(page);
    await drop(page, 'mine <i>x</i>.model', readFileSync(bundled));
    await unfold(page, panel('Model'));
    await page.locator('.kept', { hasText: 'mine <i>x</i>.model' }).waitFor();
    const shown = await energyOf(page);
    expect(Number.parseFloat(shown)).toBeCloseTo(await expectedEnergy(readFileSync(bundled), 'ice.xyz'), 5);
    expect(await page.locator('.periodic').first().getAttribute('aria-label')).toBe('Knows 4 elements: H, C, N, O');
    expect(await violations(page, '#model')).toEqual([]);

    await openAnew();
    await unfold(page, panel('Model'));
    await page.getByRole('button', { name: 'Open mine <i>x</i>.model' }).click();
    await page.getByRole('button', { name: 'Bundled model' }).waitFor();
    expect(await page.locator(`${panel('Model')} > summary .hint`).textContent()).toBe('mine <i>x</i>.model');
    await page.getByRole('button', { name: 'Delete mine <i>x</i>.model' }).click();
    await page.locator('.kept').waitFor({ state: 'detached' });
    await openAnew();
    expect(await page.locator('.kept').count()).toBe(0);
    expect(elsewhere).toEqual([]);
  });

  it.skipIf(fixtureFolder === undefined)(
    'a trained model of mace-torch gives the energy of the reference',
    async () => {
      const file = join(fixtureFolder!, 'models', 'mace01_swa_compiled.model');
      const before = await openAnew();
      const ice = join(root, 'packages', 'models', 'bundled', 'structures', 'ice.xyz');
      await drop(page, 'ice.xyz', readFileSync(ice));
      const between = await energyOf(page, before);
      await drop(page, 'mace01_swa_compiled.model', readFileSync(file));
      const shown = await energyOf(page, between);
      expect(Number.parseFloat(shown)).toBeCloseTo(await expectedEnergy(readFileSync(file), 'ice.xyz'), 5);
      // Those that follow begin with nothing kept.
      await unfold(page, panel('Model'));
      await page.getByRole('button', { name: 'Delete mace01_swa_compiled.model' }).click();
      await page.locator('.kept').waitFor({ state: 'detached' });
    },
  );

  it('a file that is no model, and one with code in it, are refused; what was open stays', async () => {
    const before = await openAnew();
    await unfold(page, panel('Model'));
    const error = page.locator('#model .notice.error');
    await drop(page, 'broken.model', new TextEncoder().encode('PK and so on'));
    await expect.poll(() => error.textContent(), patient).toMatch(/broken\.model/);
    await drop(page, 'page.model', new TextEncoder().encode('<!doctype html><p>404'));
    await expect.poll(() => error.textContent(), patient).toMatch(/page\.model.*web page.*download the model again/i);
    expect(await error.count()).toBe(1);
    const checkpoint = join(fixtureFolder ?? '', 'models', 'ilyes319_model_run-1234_epoch-14.pt');
    if (existsSync(checkpoint)) {
      await drop(page, 'epoch-14.pt', readFileSync(checkpoint));
      await expect.poll(() => error.textContent(), patient).toMatch(/epoch-14\.pt: This is a checkpoint/);
    }
    expect(await page.locator('.kept').count()).toBe(0);
    expect(await energyOf(page)).toBe(before);
  });

  it('a full storage is said, and the model is open all the same', async () => {
    const small = await newContext();
    const page = await open('', small);
    const session = await small.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(playground.address).origin,
      quotaSize: 1000,
    });
    await energyOf(page);
    await unfold(page, panel('Model'));
    await drop(page, 'mine.model', readFileSync(bundled));
    const note = page.locator('#model .notice', { hasText: 'not kept' });
    await expect.poll(() => note.textContent(), patient).toMatch(/mine\.model is open, and is not kept.*full/);
    await energyOf(page);
    expect(await page.locator('.kept').count()).toBe(0);
    // Not counted against the page: the cache of the service worker is full as well.
    complaints = complaints.filter((one) => !/quota/i.test(one));
    await small.close();
  });

  it('without private storage the page goes on, and says so', async () => {
    const bare = await newContext();
    await bare.addInitScript(() => {
      const none = (): never => {
        throw new DOMException('denied', 'SecurityError');
      };
      // Not in the empty page from which a tab begins.
      if (!globalThis.StorageManager) return;
      Object.defineProperty(StorageManager.prototype, 'getDirectory', { value: none });
      Object.defineProperty(IDBFactory.prototype, 'open', { value: none });
    });
    const page = await open('', bare);
    await energyOf(page);
    await unfold(page, panel('Model'));
    await page.getByText('This browser keeps no files for this page').waitFor();
    await page.getByText('What you do here is lost should this tab be closed').waitFor();
    await page.getByRole('button', { name: 'Relax' }).click();
    await page.getByText(/^Relaxed in/).waitFor();
    await bare.close();
  });

  it('an element that the model does not know is named, with the models that know it', async () => {
    await openAnew();
    await page.getByRole('button', { name: 'Salt (NaCl)' }).click();
    const refusal = page.locator('.notice', { hasText: 'does not know Na, Cl' });
    expect(await refusal.textContent()).toMatch(/\d+ published models know all elements of this structure: MACE-MPA-0/);
    expect(await page.getByRole('button', { name: 'Relax' }).isDisabled()).toBe(true);
    await picture(page, 'uncovered');
    await refusal.getByRole('button', { name: 'Show these models' }).click();
    const names = await page.locator('#published .models .name').allTextContents();
    expect(names).toContain('MACE-MP-0 small');
    expect(names).not.toContain('MACE-OFF23 small');
    expect(await page.locator('#published').isVisible()).toBe(true);
    expect(elsewhere).toEqual([]);
  });

  it('a published model is asked for only after a yes, with its progress; a wrong file is refused', async () => {
    await context.route('https://raw.githubusercontent.com/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
      await route.fulfill({ body: readFileSync(bundled), headers, contentType: 'application/octet-stream' });
    });
    const before = await openAnew();
    const model = await publishedModel(page, 'off-small');
    const get = model.getByRole('button', { name: 'Download and open' });
    expect(await get.isDisabled()).toBe(true);
    expect(await model.getByRole('link', { name: /Academic Software License/ }).getAttribute('href')).toMatch(/ASL/);
    await picture(page, 'published');
    expect(elsewhere).toEqual([]);
    await model.getByRole('checkbox').check();
    await get.click();
    await model.getByRole('progressbar').waitFor();
    await page.locator('#model .notice.error', { hasText: /off-small|OFF23/ }).waitFor();
    expect(elsewhere.every((one) => one.startsWith('https://raw.githubusercontent.com/ACEsuit/mace-off/'))).toBe(true);
    expect(elsewhere).not.toEqual([]);
    expect(await energyOf(page)).toBe(before);
    expect(await page.locator('.kept').count()).toBe(0);
  });

  it('a download is cancelled', async () => {
    await context.route('https://github.com/**', () => {});
    await openAnew();
    const model = await publishedModel(page, 'small');
    await model.getByRole('button', { name: 'Download and open' }).click();
    await model.getByRole('button', { name: 'Cancel' }).click();
    await model.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(await page.locator('#model .notice.error').count()).toBe(0);
    expect(await model.getByRole('button', { name: 'Download and open' }).isEnabled()).toBe(true);
  });

  it('a host that refuses other origins gives the link and the way by hand', async () => {
    // As github.com answers: others than this page may read it.
    const headers = { 'access-control-allow-origin': 'https://render.githubusercontent.com' };
    await context.route('https://github.com/**', (route) => route.fulfill({ body: 'x', headers }));
    await openAnew();
    const model = await publishedModel(page, 'small');
    await model.getByRole('button', { name: 'Download and open' }).click();
    const help = model.getByRole('alert');
    expect(await help.textContent()).toMatch(/github\.com does not let this page read the file/);
    expect(await help.getByRole('link').getAttribute('href')).toMatch(/^https:\/\/github\.com\/.*\.model$/);
    expect(await violations(page, '#model')).toEqual([]);
    await picture(page, 'by-hand');
    complaints = complaints.filter((one) => !/github\.com|Failed to load resource/.test(one));
  });

  it('a published model that is fetched is kept, and opens later without its host', async () => {
    const headers = { 'access-control-allow-origin': '*' };
    await context.route('https://github.com/**', (route) => route.fulfill({ body: standIn('medium'), headers }));
    const before = await openAnew();
    const model = await publishedModel(page, 'medium');
    await model.getByRole('button', { name: 'Download and open' }).click();
    await model.getByText('This is the open model.').waitFor();
    const energy = await energyOf(page, before);
    await model.getByRole('button', { name: 'Open the kept file' }).waitFor();
    expect(elsewhere).toHaveLength(1);
    const link = await copiedLink(page);
    // The link names the model, and it is here already.
    expect(await openAnew(link.slice(playground.address.length))).toBe(energy);
    expect(await page.locator(`${panel('Model')} > summary .hint`).textContent()).toBe('MACE-MP-0 medium');
    expect(elsewhere).toHaveLength(1);
  });

  it('a link opened elsewhere shows the same energy, settings and look', async () => {
    const ethanol = await openAnew();
    await page.getByRole('button', { name: 'Caffeine' }).click();
    const energy = await energyOf(page, ethanol);
    await page.getByRole('button', { name: 'Labels' }).click();
    await page.getByLabel('Time step').fill('0.25');
    await page.getByLabel('Time step').press('Enter');
    const link = await copiedLink(page);
    expect(link.startsWith(`${playground.address}#s1=`)).toBe(true);
    await picture(page, 'link');

    const other = await newContext();
    const there = await open(link.slice(playground.address.length), other);
    expect(await energyOf(there)).toBe(energy);
    expect(await there.getByLabel('Time step').inputValue()).toBe('0.25');
    expect(await there.getByRole('button', { name: 'Labels' }).getAttribute('aria-pressed')).toBe('true');
    // The screens go on to work beside links.
    await there.getByRole('link', { name: 'Agreement' }).click();
    await there.getByRole('link', { name: 'Work' }).click();
    expect(await energyOf(there)).toBe(energy);
    await other.close();
    expect(elsewhere).toEqual([]);
  });

  it('a link for a model file asks for it, computes nothing before, and then does', async () => {
    await openAnew();
    await drop(page, 'mine.model', readFileSync(bundled));
    await unfold(page, panel('Model'));
    await page.locator('.kept', { hasText: 'mine.model' }).waitFor();
    const energy = await energyOf(page);
    const link = await copiedLink(page);

    const other = await newContext();
    const there = await open(link.slice(playground.address.length), other);
    await there.getByText('These settings are for the model file mine.model').waitFor();
    await picture(there, 'wanted');
    expect(await there.locator('#energy').textContent()).toMatch(/…/);
    await drop(there, 'renamed.model', readFileSync(bundled));
    expect(await energyOf(there)).toBe(energy);
    await there.getByText('These settings are for the model file').waitFor({ state: 'detached' });
    await other.close();
  });

  it('a damaged link and one of another version are said, and the page goes on', async () => {
    await openAnew('#s1=eJyrVkrLz1eyUkpKLFKqBQAcvAQ5');
    await page.locator('.notice.error', { hasText: /the link is damaged/ }).waitFor();
    // Pasted into the address of a page that is open.
    await page.goto(`${playground.address}#s7=abc`);
    const other = page.locator('.notice.error', { hasText: /the link is of version 7, and this page reads version 1/ });
    await other.waitFor();
    await energyOf(page);
    expect(await violations(page, '.panel:has(.notice.error)')).toEqual([]);
  });

  it('dynamics of a closed tab go on in the next, or are discarded; two tabs keep their own', async () => {
    const tabs = await newContext();
    const [first, second] = await Promise.all([open('', tabs), open('', tabs)]);
    await Promise.all([energyOf(first), energyOf(second)]);
    await second.getByRole('button', { name: 'Water', exact: true }).click();
    await first.getByLabel('Ensemble').selectOption('nve');
    await first.getByLabel('Time step').fill('0.25');
    await first.getByLabel('Time step').press('Enter');
    for (const one of [first, second]) {
      // Three pages share the processor.
      await one.getByLabel('At most').fill('20');
      await one.getByLabel('At most').press('Enter');
      await one.getByRole('button', { name: 'Run dynamics' }).click();
    }
    await expect.poll(() => keptRuns(first, 'dynamics'), patient).toBe(2);
    const third = await open('', tabs);
    await energyOf(third);
    // Both tabs live: nothing is abandoned.
    expect(await third.locator('.offers li').count()).toBe(0);
    const total = await totalEnergy(first);
    await first.close();
    await second.close();
    await third.reload();
    const ethanol = third.locator('.offers li', { hasText: 'Dynamics of Ethanol stopped at step' });
    await ethanol.waitFor();
    await third.locator('.offers li', { hasText: 'Dynamics of Water stopped at step' }).waitFor();
    await picture(third, 'offered');
    expect(await violations(third, '.offers')).toEqual([]);
    const step = Number(/step (\d+)/.exec((await ethanol.textContent()) ?? '')![1]);
    expect(step).toBeGreaterThan(0);
    await third.locator('.offers li', { hasText: 'Water' }).getByRole('button', { name: 'Discard' }).click();
    await ethanol.getByRole('button', { name: 'Go on' }).click();
    const told = third.locator('.activity .what');
    const now = async (): Promise<number> => Number(/step (\d+)/.exec((await told.textContent()) ?? '')?.[1] ?? -1);
    await expect.poll(now, patient).toBeGreaterThan(step);
    expect(await third.locator('.offers li').count()).toBe(0);
    // With the momenta that were kept, and not drawn anew: their energy differs by 0.1 eV from draw to draw.
    expect(Math.abs((await totalEnergy(third)) - total)).toBeLessThan(0.02);
    await third.getByRole('button', { name: 'Stop' }).first().click();
    await third.getByRole('button', { name: 'Go on' }).waitFor();
    const [plots] = await Promise.all([
      third.waitForEvent('download'),
      third.getByRole('button', { name: 'Plots as SVG' }).click(),
    ]);
    const drawing = readFileSync(await plots.path(), 'utf8');
    expect(drawing).toContain('>temperature (K)</text>');
    expect(drawing).not.toMatch(/NaN|undefined/);
    const sheet = await tabs.newPage();
    await sheet.setContent(drawing);
    await picture(sheet, 'plots');
    await tabs.close();
  });

  it('on a phone, light and dark: everything is within the screen, and named', async () => {
    const phone = await newContext({ viewport: { width: 390, height: 844 } });
    const there = await open('', phone);
    await energyOf(there);
    await drop(there, 'mine.model', readFileSync(bundled));
    await unfold(there, panel('Model'));
    await there.locator('.kept').waitFor();
    await unfold(there, '#published');
    await unfold(there, '#published-off-small');
    await unfold(there, panel('Export'));
    await there.getByRole('button', { name: 'Copy link' }).click();
    await there.getByLabel('Link', { exact: true }).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await there.emulateMedia({ colorScheme });
      await there.locator(`html[data-theme="${colorScheme}"]`).waitFor();
      await picture(there, `phone-${colorScheme}`);
      const [wide, inner] = await there.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(wide).toBeLessThanOrEqual(inner!);
      expect(await violations(there)).toEqual([]);
    }
    await phone.close();
  });
});
