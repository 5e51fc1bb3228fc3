// What goes wrong around a page of the playground, in a headless Chromium: devices and workers that are lost, other tabs, huge files,
// hosts that do not isolate. Each is said in the page, nothing is lost, and the page goes on.
import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../scripts/lib/page.mjs';
import { energyOf, startPlayground, type Playground } from './support/playground.js';
import { panel, unfold } from './support/playground-hands.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const patient = { timeout: 60_000 };

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
});
