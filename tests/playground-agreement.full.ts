// The pages Agreement and Speed of the playground in a headless Chromium: what the conformance kit finds there, what two backends say of
// the same structures, a molecule whose forces turn with it, the clock, and what a person can do meanwhile. MACE_UPDATE=1 writes the
// pictures of docs/using/playground.md anew.
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import type { Report } from '@mace/conformance';
import { createCalculator } from '@mace/core';
import { makeStructure } from '@mace/core/structure';
import { readModel } from '@mace/models/node';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { sourcesHash } from '../scripts/lib/conformance.mjs';
import { pictureOfDocs } from './support/playground-hands.js';
import { expectAccessible, servePlayground, type ServedPlayground } from './support/playground.js';
import { read } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';

let served: ServedPlayground;
let browser: Browser;
const requests: string[] = [];
const complaints: string[] = [];

async function open(screen: 'agreement' | 'speed'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(240_000);
  page.on('request', (one) => requests.push(one.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${served.address}#${screen}`);
  await page.locator('.backends').waitFor();
  return page;
}

/** These backends and no others. */
async function choose(page: Page, names: readonly string[]): Promise<void> {
  for (const box of await page.locator('.backends input:enabled').all())
    await box.setChecked(names.includes((await box.getAttribute('value'))!));
}

const number = async (where: Locator, name: string): Promise<number> => Number(await where.getAttribute(name));

async function saved(page: Page, button: Locator): Promise<{ name: string; content: unknown }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), content: JSON.parse(readFileSync(await download.path(), 'utf8')) };
}

describe.skipIf(!findChromium() && !required)('agreement and speed', () => {
  beforeAll(async () => {
    served = await servePlayground();
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('two backends: three answers each, their difference, energies as in Node, and the report as it is committed', async () => {
    const page = await open('agreement');
    await choose(page, ['wasm', 'typed-arrays']);
    await page.getByRole('button', { name: 'Run 2 backends' }).click();
    await page.getByText('2 of 2 done').waitFor();
    for (const backend of ['wasm', 'typed-arrays']) {
      const card = page.locator(`.answer[data-backend="${backend}"]`);
      expect(await card.locator('.verdict').textContent()).toBe('agrees with the reference');
      expect(await card.locator('[data-quantity]').allTextContents()).toEqual(
        ['energies', 'forces', 'equivariance'].map(() => expect.stringMatching(/^\d\.\d × 10⁻[⁶⁷⁸⁹]$/) as string),
      );
      const shares = await card.locator('[data-share]').all();
      expect(shares).toHaveLength(2);
      for (const share of shares) {
        expect(await number(share, 'data-share')).toBeGreaterThan(0);
        expect(await number(share, 'data-share')).toBeLessThanOrEqual(1);
      }
      const { name, content } = await saved(page, card.getByRole('button', { name: 'Report as JSON' }));
      const report = content as Report;
      expect(name).toBe(`${backend}-page-f32-part.json`);
      expect(report).toMatchObject({ backend, precision: 'f32', passed: 7, failed: 0, limited: 0, contract: 2 });
      expect(report.sources).toBe(sourcesHash(backend));
      const committed = JSON.parse(read('benchmarks/results/conformance/wasm-page-f32-default.json')) as Report;
      expect(Object.keys(report)).toEqual(Object.keys(committed));
      expect(report.errors.reference.forces).toBeLessThan(1e-5);
    }
    const pair = page.locator('[data-pair="wasm typed-arrays"]');
    // Two ways of rounding, so neither nothing nor much.
    for (const [name, most] of [
      ['data-energy', 4e-5],
      ['data-forces', 1e-3],
    ] as const) {
      expect(await number(pair, name)).toBeGreaterThan(0);
      expect(await number(pair, name)).toBeLessThan(most);
    }
    const energies = page.locator('tr', { hasText: 'WebAssembly' }).locator('td[data-energy]:not([data-pair])');
    expect(await energies.count()).toBe(3);
    expect(Math.abs((await number(energies.nth(1), 'data-energy')) - (await ethanolInNode()))).toBeLessThan(2e-5 * 9);
    await pictureOfDocs(page, 'agreement');
    await expectAccessible(page);
    await page.close();
  });

  it('what cannot run says why; a run that is stopped says so, and the workplace goes on', async () => {
    const page = await open('agreement');
    await page.getByLabel('Precision', { exact: true }).selectOption('f64');
    const gpu = page.locator('.backend', { has: page.locator('input[value="webgpu"]') });
    expect(await gpu.locator('input').isDisabled()).toBe(true);
    expect(await gpu.textContent()).toContain('computes in float32 only');
    await choose(page, ['reference']);
    await page.getByLabel('Cases').selectOption('whole');
    await page.getByRole('button', { name: 'Run 1 backend' }).click();
    await page.getByText(/of 2\d\d\d; /).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('stopped before its end').waitFor();
    await page.getByRole('link', { name: 'Work' }).click();
    await page.waitForFunction(() => /-308\.32/.test(document.querySelector('#energy')?.textContent ?? ''));
    await page.close();
  });

  it('forces turn with the molecule', async () => {
    const page = await open('agreement');
    await page.getByLabel('Its precision').selectOption('f64');
    await page.getByRole('button', { name: 'Turn it' }).click();
    const angle = page.locator('[data-quantity="angle"]');
    await page.waitForFunction(
      () => parseInt(document.querySelector('[data-quantity="angle"]')?.textContent ?? '') >= 30,
    );
    await page.getByRole('button', { name: 'Stop turning' }).click();
    expect(parseInt((await angle.textContent())!)).toBeGreaterThanOrEqual(30);
    const difference = await number(page.locator('[data-quantity="difference"]'), 'data-value');
    expect(difference).toBeGreaterThan(0);
    // The bundled model is stored in float32, and its coefficients with it.
    expect(difference).toBeLessThan(5e-8);
    expect(await page.getByText('the reference in float64 differs by').count()).toBe(1);
    expect(await page.locator('.trace circle').count()).toBeGreaterThanOrEqual(10);
    expect(await page.locator('section[aria-labelledby="rotation"] .verdict').textContent()).toMatch(/^equivariant/);
    await expectAccessible(page);
    await page.close();
  });

  it('speed: microseconds per atom of each structure, the first run apart, and the results as a file', async () => {
    const page = await open('speed');
    await choose(page, ['wasm']);
    await page.getByLabel('Timed runs').fill('2');
    await page.getByLabel('Timed runs').blur();
    await page.getByRole('button', { name: 'Time 1 backend' }).click();
    await page.getByText('1 of 1 done').waitFor();
    const { name, content } = await saved(page, page.getByRole('button', { name: 'Results as JSON' }));
    const { rows } = content as { rows: SpeedRow[] };
    expect(name).toBe('bundled.json');
    expect(rows.map(({ structure, atoms }) => [structure, atoms])).toEqual([
      ['Ethanol', 9],
      ['Ice', 48],
      ['Ice, 4 cells', 192],
    ]);
    // Four cells are one and the same crystal.
    expect(rows[2]!.edgesPerAtom).toBe(rows[1]!.edgesPerAtom);
    for (const { structure, atoms, usPerAtom, seconds, firstSeconds, ...row } of rows) {
      expect(row).toMatchObject({ backend: 'wasm', precision: 'f32', tables: 'all', runs: 2 });
      expect(seconds).toHaveLength(2);
      expect(usPerAtom.median).toBeCloseTo((1e6 * (seconds[0]! + seconds[1]!)) / 2 / atoms, 6);
      expect(firstSeconds).toBeGreaterThan(Math.min(...seconds));
      const shown = page.locator(`tr[data-structure="${structure}"] [data-us]`);
      expect(await number(shown, 'data-us')).toBe(usPerAtom.median);
    }
    expect(await page.locator('.bars li[data-here]').count()).toBe(3);
    const committed = JSON.parse(read('benchmarks/results/bundled.json')) as { rows: SpeedRow[] };
    expect(await page.locator('.bars li:not([data-here])').count()).toBe(committed.rows.length);
    expect(Object.keys(committed.rows[0]!)).toEqual(Object.keys(rows[0]!));
    await pictureOfDocs(page, 'speed');
    await expectAccessible(page);
    await page.close();
  });

  it('asked nobody but its server, and complained of nothing', () => {
    const { origin } = new URL(served.address);
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.filter((one) => !one.startsWith(origin) && !/^(data|blob):/.test(one))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

interface SpeedRow {
  readonly structure: string;
  readonly atoms: number;
  readonly edgesPerAtom: number;
  readonly usPerAtom: { readonly median: number };
  readonly firstSeconds: number;
  readonly seconds: readonly number[];
}

/** eV, of the gallery's ethanol by the bundled model, in float32 without tables. */
async function ethanolInNode(): Promise<number> {
  const gallery = JSON.parse(read('apps/playground/src/files/gallery.json')) as ({
    name: string;
  } & Parameters<typeof makeStructure>[0])[];
  const { name: _, ...atoms } = gallery.find(({ name }) => name === 'Ethanol')!;
  const model = await readModel('bundled');
  const calculator = await createCalculator({ model, backend: wasm(), precision: 'f32' });
  try {
    return (await calculator.evaluate(makeStructure(atoms))).energy;
  } finally {
    await calculator.dispose();
  }
}
