// What goes wrong around a page of the playground, in a headless Chromium: devices and workers that are lost, other tabs, huge files.
// Each is said in the page, nothing is lost, and the page goes on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../scripts/lib/page.mjs';
import { energyOf, startPlayground, violationsOf, type Playground } from './support/playground.js';
import { drop, keptRuns, panel, unfold } from './support/playground-hands.js';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const patient = { timeout: 240_000 };

describe.skipIf(!findChromium() && !required)('trouble around the playground', () => {
  let playground: Playground;
  let page: Page;

  beforeAll(async () => {
    playground = await startPlayground();
    page = await playground.open();
  });
  afterAll(() => playground?.close());

  const press = (name: string, where = page): Promise<void> =>
    where.getByRole('button', { name, exact: true }).first().click();
  const noticed = (text: RegExp, where = page): Promise<void> =>
    where.locator('.notice', { hasText: text }).first().waitFor();
  /** The step of dynamics that the page tells of; 0 where none run. */
  const stepOf = async (where = page): Promise<number> =>
    Number(/step (\d+)/.exec((await where.locator('.activity').textContent()) ?? '')?.[1] ?? 0);
  const runsBeyond = (step: number, where = page): Promise<void> =>
    expect.poll(() => stepOf(where), patient).toBeGreaterThan(step);
  const choose = async (backend: string): Promise<void> => {
    await unfold(page, panel('Backend'));
    await page.getByLabel('Backend', { exact: true }).selectOption(backend);
    await page.waitForFunction(() => !document.querySelector('.activity')?.textContent);
  };
  const worker = (): Worker => page.workers().at(-1)!;

  it('dynamics go on where a WebGPU device is lost, and stop with an offer where there is no other', async (test) => {
    if (!(await page.evaluate(() => 'gpu' in navigator))) test.skip();
    const before = await energyOf(page);
    await worker().evaluate(() => {
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...given) {
        const device = await requestDevice.apply(this, given);
        // On a busy machine what waits for the device is refused long before the loss is told.
        const lost = device.lost.then((why) => new Promise((resolve) => setTimeout(() => resolve(why), 500)));
        Object.defineProperty(device, 'lost', { value: lost });
        Object.assign(globalThis, { loseDevice: () => device.destroy() });
        return device;
      };
    });
    const loseDevice = (): Promise<void> =>
      worker().evaluate(() => (globalThis as unknown as { loseDevice(): void }).loseDevice());
    await choose('webgpu');
    await energyOf(page);
    await press('Run dynamics');
    await runsBeyond(2);
    await loseDevice();
    await noticed(/device that computes was lost. What runs goes on/);
    await runsBeyond(await stepOf());

    await worker().evaluate(() => {
      GPU.prototype.requestAdapter = async () => null;
    });
    const step = await stepOf();
    await loseDevice();
    await noticed(/no adapter: no GPU/);
    await noticed(/nothing is computed. What you see.*still here/);
    expect(await page.locator('dl.result').textContent()).toMatch(/no model is open/);
    await press('Go on with WebAssembly');
    await energyOf(page, before);
    await press('Go on');
    await runsBeyond(step);
    await press('Stop');
    await press('Ethanol');
    await expect.poll(() => energyOf(page), patient).toBe(before);
  });

  it('a worker that fails in dynamics: work stays, and goes on when people say so', async () => {
    await press('Run dynamics');
    await runsBeyond(2);
    const step = await stepOf();
    await worker().evaluate(() => {
      setTimeout(() => {
        throw new Error('of the test');
      });
    });
    await noticed(/worker failed: .*of the test/);
    await press('Try again');
    await energyOf(page);
    expect(await page.locator('.notice.error').count()).toBe(0);
    await press('Go on');
    await runsBeyond(step);
    await press('Stop');
    await energyOf(page);
  });

  it('a worker that ends without a word, while nothing runs', async () => {
    const before = await energyOf(page);
    await worker().evaluate(() => close());
    await noticed(/worker that computes has ended/);
    await press('Try again');
    await expect.poll(() => energyOf(page), patient).toBe(before);
  });

  it('a picture whose WebGL context is lost comes back as it was', async () => {
    await press('Ethanol');
    await energyOf(page);
    const canvas = page.locator('.stage canvas').first();
    const before = await canvas.screenshot();
    await canvas.evaluate((one) => {
      const lose = (one as HTMLCanvasElement).getContext('webgl2')!.getExtension('WEBGL_lose_context')!;
      Object.assign(globalThis, { giveBack: () => lose.restoreContext() });
      lose.loseContext();
    });
    await page.getByText('The graphics device was taken away').waitFor();
    await page.evaluate(() => (globalThis as unknown as { giveBack(): void }).giveBack());
    await page.getByText('The graphics device was taken away').waitFor({ state: 'detached' });
    await expect.poll(async () => before.equals(await canvas.screenshot()), patient).toBe(true);
  });

  it('an atom is chosen and moved by keyboard alone, and put back', async () => {
    await press('Water');
    await page.locator('dl.result', { hasText: 'H2O' }).waitFor();
    const before = await energyOf(page);
    await unfold(page, panel('Edit'));
    await page.getByLabel('Atom, counted from 0').fill('1');
    await page.keyboard.press('Tab');
    const x = page.getByRole('group', { name: 'Place of H1' }).getByLabel('x', { exact: true });
    const [at] = await Promise.all([x.inputValue(), page.locator('output.measure', { hasText: 'H1' }).waitFor()]);
    await x.fill(String(Number(at) + 0.1));
    await page.keyboard.press('Tab');
    await energyOf(page, before);
    expect(await page.locator('output.measure').textContent()).toContain((Number(at) + 0.1).toFixed(4));
    expect(await violationsOf(page, 'details:has(#atom)')).toEqual([]);
    await press('Undo');
    await expect.poll(() => energyOf(page), patient).toBe(before);
    await press('Run dynamics');
    await runsBeyond(0);
    expect(await x.isDisabled()).toBe(true);
    await press('Stop');
  });

  it('the precision that people chose comes back after a backend that has one only', async (test) => {
    if (!(await page.evaluate(() => 'gpu' in navigator))) test.skip();
    const by = (): Promise<string | null> => page.locator('dl.result').textContent();
    await choose('webgpu');
    expect(await by()).toMatch(/float32/);
    expect(await page.locator(panel('Backend')).textContent()).toMatch(/float32 only; float64 comes back/);
    await choose('wasm');
    expect(await by()).toMatch(/WebAssembly.*float64/);
    expect(await page.getByLabel('Precision', { exact: true }).inputValue()).toBe('f64');
  });

  it.each([
    ['large.xyz', '3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n', /large\.xyz: 200 MB are more than/],
    ['large.cif', '\0', /large\.cif: 200 MB are more than/],
    ['large.model', '\0', /large\.model/],
  ])('a file of 200 MB, %s, is refused with a word', async (name, text, said) => {
    const before = await energyOf(page);
    const data = await page.evaluateHandle(
      ([file, part]) => {
        const transfer = new DataTransfer();
        const piece = part!.repeat(1e6 / part!.length + 1).slice(0, 1e6);
        transfer.items.add(new File(Array<Blob>(200).fill(new Blob([piece])), file!));
        return transfer;
      },
      [name, text],
    );
    await page.locator('#main').dispatchEvent('drop', { dataTransfer: data });
    await data.dispose();
    await noticed(said);
    await expect.poll(() => energyOf(page), patient).toBe(before);
  });

  it('two tabs: each its own dynamics; a model that one deletes stays open in the other; one ends, the other goes on', async () => {
    const second = await playground.open({ context: page.context() });
    await drop(second, 'mine.model', readFileSync(join(root, 'packages/models/bundled/hcno-xtb.safetensors')));
    await second.locator(`${panel('Model')} > summary`, { hasText: 'mine.model' }).waitFor();
    for (const one of [page, second]) await unfold(one, panel('Model'));
    await page.getByRole('button', { name: 'Delete mine.model' }).click();
    await second.locator('.kept').waitFor({ state: 'detached' });
    const before = await energyOf(second);
    await press('Water', second);
    await energyOf(second, before);

    for (const one of [page, second]) await press('Run dynamics', one);
    await Promise.all([runsBeyond(2), runsBeyond(2, second)]);
    const seen = await Promise.all([stepOf(), stepOf(second)]);
    await Promise.all([runsBeyond(seen[0]), runsBeyond(seen[1], second)]);
    await second.close();
    await runsBeyond(await stepOf());
    await press('Stop');
    expect(await page.locator(`${panel('Run')} .notice.error`).allTextContents()).toEqual([]);
  });

  it('a relaxation of a closed tab goes on from where it was', async () => {
    const context = await playground.browser.newContext({ acceptDownloads: true });
    const first = await playground.open({ context });
    const before = await energyOf(first);
    await first.getByRole('button', { name: /^Protein fragment/ }).click();
    const start = Number((await energyOf(first, before)).replace(' eV', ''));
    await first.getByLabel('Largest force').fill('0.000001');
    await first.getByLabel('Optimizer').selectOption('fire');
    await first.getByLabel('Steps', { exact: true }).fill('100000');
    await press('Relax', first);
    const said = (): Promise<string[]> => first.locator(`${panel('Run')} .notice`).allTextContents();
    await expect
      .poll(async () => ({ kept: await keptRuns(first, 'relax'), said: await said() }), patient)
      .toEqual({ kept: 1, said: [] });
    await first.close();
    const second = await playground.open({ context });
    const offer = second.locator('.offers li', { hasText: 'Relaxation of Protein fragment' });
    await offer.getByRole('button', { name: 'Go on' }).click();
    await second.locator('.plots').waitFor();
    await unfold(second, panel('Export'));
    const [table] = await Promise.all([second.waitForEvent('download'), press('CSV of the run', second)]);
    const [, began] = readFileSync(await table.path(), 'utf8').split('\n');
    expect(Number(began!.split(',')[1])).toBeLessThan(start - 0.01);
    await context.close();
  });

  it('a number that is being typed stays when the form is drawn anew', async () => {
    const other = await playground.open();
    const force = other.getByLabel('Largest force');
    const optimizer = other.getByLabel('Optimizer');
    await force.press('Control+A');
    await force.pressSequentially('0.02');
    // A mouse or a key would leave the field first.
    await optimizer.evaluate((select: HTMLSelectElement) => {
      select.value = 'fire';
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
    expect(await force.inputValue()).toBe('0.02');
    await press('Relax', other);
    await noticed(/Relaxed in \d+ steps: .* largest force 0\.01\d\d eV/, other);
    await other.context().close();
  });

  it('by the keyboard alone: arrow keys count by steps that suit the number, and the focus stays with the run', async () => {
    const other = await playground.open();
    const friction = other.getByLabel('Friction');
    await friction.press('ArrowUp');
    expect(await friction.inputValue()).toBe('0.011');
    for (let i = 0; i < 20; i++) await friction.press('ArrowDown');
    expect(await friction.inputValue()).toBe('0');
    const focused = (): Promise<string | null> => other.evaluate(() => document.activeElement!.textContent);
    await other.getByRole('button', { name: 'Run dynamics' }).press('Enter');
    await expect.poll(focused, { timeout: 60_000 }).toBe('Stop');
    await other.keyboard.press('Enter');
    await expect.poll(focused, { timeout: 60_000 }).toBe('Relax');
    await other.context().close();
  });

  it('asked nobody but its server', () => {
    expect(playground.complaints.filter((one) => one.startsWith('asked for'))).toEqual([]);
  });
});
