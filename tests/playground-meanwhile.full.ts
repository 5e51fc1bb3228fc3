// What people begin while something else goes on, and what is refused: what is shown is of one structure and one model.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { readExtxyz } from '@mace/io';
import { readModel } from '@mace/models/node';
import { oracleModel } from '../packages/io/test/hostile/build.js';
import { standIn } from '../packages/models/test/testing/standins.js';
import { findChromium } from '../scripts/lib/page.mjs';
import { energyOf, startPlayground, type Playground } from './support/playground.js';
import {
  copiedLink,
  drop,
  exported,
  noticed,
  panel,
  press,
  publishedModel,
  unfold,
} from './support/playground-hands.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const water = `3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n`;

describe.skipIf(!findChromium() && !required)('what begins meanwhile in the playground', () => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await startPlayground();
  });
  afterAll(() => playground?.close());

  const exportedStructure = async (page: Page): Promise<ReturnType<typeof readExtxyz>[number]> =>
    readExtxyz(await exported(page, 'Extended XYZ'))[0]!;
  const build = async (page: Page, smiles: string): Promise<void> => {
    await page.locator('#smiles').fill(smiles);
    await press(page, 'Build');
  };
  const isComputed = async (page: Page, formula: string): Promise<void> => {
    await page.locator('.result', { hasText: formula }).waitFor();
    await page.locator('.activity[data-busy]').waitFor({ state: 'detached' });
    const energy = await energyOf(page);
    const structure = await exportedStructure(page);
    const calculator = await createCalculator({
      model: await readModel('bundled'),
      backend: reference(),
      precision: 'f64',
    });
    expect(Number(energy.replace(' eV', ''))).toBeCloseTo((await calculator.evaluate(structure)).energy, 5);
    await calculator.dispose();
  };
  const moving = async (page: Page): Promise<void> => {
    await press(page, 'Run dynamics');
    await page.waitForFunction(() => /step \d\d/.test(document.querySelector('.activity')?.textContent ?? ''));
  };

  it('a molecule that is built ends dynamics, and is what is computed', async () => {
    const page = await playground.open();
    await moving(page);
    // As many atoms as ethanol.
    await build(page, 'COC');
    await page.locator('.activity[data-busy]').waitFor({ state: 'detached' });
    await page.locator('.panel', { hasText: 'COC' }).first().waitFor();
    await isComputed(page, 'C2H6O');
    await moving(page);
    await build(page, 'C*C');
    await noticed(page, /C\*C: a part of it stands for any atom or bond/);
    for (const smiles of ['C~C', '[?]', '[*:1]C']) {
      await build(page, smiles);
      await page.locator('.notice', { hasText: `SMILES ${smiles}: ` }).waitFor();
    }
    await page.locator('.activity[data-busy="dynamics"]').waitFor();
    await build(page, '[2H]O');
    await noticed(page, /names isotopes, which are not kept/);
    await isComputed(page, 'H2O');
    await page.context().close();
  });

  it('a link ends dynamics; the way back to it keeps what was changed since', async () => {
    const page = await playground.open();
    const first = await energyOf(page);
    await press(page, 'Water');
    await energyOf(page, first);
    const link = await copiedLink(page);
    await press(page, 'Ethanol');
    await moving(page);
    await page.evaluate((hash) => (location.hash = hash), link.slice(link.indexOf('#')));
    await isComputed(page, 'H2O');
    await press(page, 'Relax');
    await noticed(page, /Relaxed/);
    const relaxed = await energyOf(page);
    await page.getByRole('link', { name: 'Agreement' }).click();
    await page.getByRole('heading', { name: 'Agreement' }).waitFor();
    await page.goBack();
    await noticed(page, /This link is open/);
    expect(await energyOf(page)).toBe(relaxed);
    await page.context().close();
  });

  it('a link of a model that is not here shows no energy of another', async () => {
    const charges = oracleModel('embedding-charge-spin');
    const page = await playground.open();
    const first = await energyOf(page);
    await drop(page, 'charges.model', charges);
    await energyOf(page, first);
    const link = await copiedLink(page);
    const other = await playground.open();
    // Whatever is shown as the energy until the link's model is there.
    await other.evaluate(
      (hash) => {
        const shown = new Set<string>();
        Object.assign(globalThis, { shown });
        new MutationObserver(() => {
          const { textContent } = document.querySelector('.result')!;
          if (/waits for the model/.test(textContent)) shown.add(document.querySelector('#energy')!.textContent);
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
        location.hash = hash;
      },
      link.slice(link.indexOf('#')),
    );
    await other.locator('.result', { hasText: 'it waits for the model charges.model' }).waitFor();
    expect((await exportedStructure(other)).info['energy']).toBeUndefined();
    await drop(other, 'charges.model', charges);
    expect(await energyOf(other)).toBe(await energyOf(page));
    const shown = await other.evaluate(() => [...(globalThis as unknown as { shown: Set<string> }).shown]);
    expect(shown.join('')).not.toMatch(/\d/);
    expect(shown).not.toEqual([]);
    await other.context().close();

    // What a model refuses leaves nothing of before beside it, and is said once.
    await unfold(page, panel('Model'));
    for (const spin of ['0', '100']) {
      await page.getByLabel('total spin').fill(spin);
      await page.getByLabel('total spin').press('Enter');
      await noticed(page, new RegExp(`total_spin = ${spin}: this model knows whole numbers`));
    }
    expect(await page.locator('.notice', { hasText: 'knows whole numbers' }).count()).toBe(1);
    expect(await page.locator('#energy').textContent()).not.toMatch(/\d/);
    expect((await exportedStructure(page)).info['energy']).toBeUndefined();
    await page.context().close();
  });

  it('atoms are deleted with their rows; where a new atom has none that is said', async () => {
    const page = await playground.open();
    const sites = oracleModel('embedding-atom-level');
    await drop(page, 'sites.model', sites);
    await noticed(page, /site/);
    const rows = ['C 0 0 0 1 0.5', 'H 1.1 0 0 2 -0.5', 'O -0.6 1 0 3 1.5'];
    const text = `3\nProperties=species:S:1:pos:R:3:site_label:I:1:magmom:R:1\n${rows.join('\n')}\n`;
    await drop(page, 'sites.xyz', Buffer.from(text));
    const all = await energyOf(page);
    await page.locator('#atom').evaluate((one) => one.closest('details')!.setAttribute('open', ''));
    await page.locator('#atom').fill('1');
    await page.locator('#atom').blur();
    await press(page, 'Delete chosen');
    await energyOf(page, all);
    expect((await exportedStructure(page)).arrays['site_label']!.values).toEqual(Float64Array.of(1, 3));
    await press(page, 'Add an atom');
    await noticed(page, /site_label, magmom of the file are left out/);
    await page.context().close();
  });

  it('a long computation is seen and can be stopped; a backend that does not begin is not shown as chosen', async () => {
    const page = await playground.open();
    let fetching = new Promise<void>(() => {});
    await page.context().route(/ort[.-][^/]*\.js/, async (route) => {
      await fetching;
      await route.abort();
    });
    await unfold(page, panel('Backend'));
    const backend = page.locator(`${panel('Backend')} select`).first();
    await backend.selectOption('onnx-web');
    await page.locator('.activity', { hasText: 'starting onnx-web' }).waitFor();
    await page.locator('.activity').getByRole('button', { name: 'Stop' }).click();
    await page.locator('.activity[data-busy]').waitFor({ state: 'detached', timeout: 10_000 });
    expect(await backend.inputValue()).toBe('wasm');
    fetching = Promise.resolve();
    await backend.selectOption('onnx-webgpu');
    await page
      .locator(`${panel('Backend')} .notice`)
      .first()
      .waitFor();
    expect(await backend.inputValue()).toBe('wasm');
    await backend.selectOption('reference');
    await page.locator('.result', { hasText: 'float64' }).waitFor();
    await page.locator('.activity[data-busy]').waitFor({ state: 'detached' });
    await press(page, 'Ice');
    await unfold(page, panel('Edit'));
    for (const axis of ['a', 'b', 'c']) {
      await page.getByLabel(`Times ${axis}`).fill('4');
      await page.getByLabel(`Times ${axis}`).blur();
    }
    await press(page, 'Make a supercell');
    await page.locator('.activity', { hasText: 'computing energy and forces' }).waitFor();
    await page.locator('.activity').getByRole('button', { name: 'Stop' }).click();
    await noticed(page, /The computation was stopped/);
    await press(page, 'Water');
    await press(page, 'Try again');
    await isComputed(page, 'H2O');
    await page.context().close();
  });

  it('a download goes on where a structure is opened meanwhile', async () => {
    const page = await playground.open();
    let send = (): void => {};
    const isOpened = new Promise<void>((resolve) => (send = resolve));
    await page.context().route('https://github.com/**', async (route) => {
      await isOpened;
      await route.fulfill({ body: standIn('medium'), headers: { 'access-control-allow-origin': '*' } });
    });
    const model = await publishedModel(page, 'medium');
    await model.getByRole('button', { name: 'Download and open' }).click();
    await model.getByRole('progressbar').waitFor();
    await drop(page, 'water.xyz', Buffer.from(water));
    await page.locator('.result', { hasText: 'H2O' }).waitFor();
    const byBundled = await energyOf(page);
    send();
    await model.getByText('This is the open model.').waitFor();
    await energyOf(page, byBundled);
    await page.context().close();
  });

  it('a long name goes into a link, and out of it', async () => {
    const page = await playground.open();
    const name = `${'long-'.repeat(80)}.xyz`;
    await drop(page, name, Buffer.from(water));
    await page.locator('.result', { hasText: 'H2O' }).waitFor();
    const link = await copiedLink(page);
    const other = await playground.open({ fragment: link.slice(link.indexOf('#')) });
    await isComputed(other, 'H2O');
    await other.context().close();
    await page.context().close();
  });

  it('complained of nothing else', () => {
    const asked = /^asked for https:\/\/github\.com\/ACEsuit\/mace-mp\/|ERR_FAILED|Failed to load resource/;
    expect(playground.complaints.filter((one) => !asked.test(one))).toEqual([]);
  });
});
