// The playground as people use it, in a headless Chromium: structures in, energies, relaxation, dynamics, edits, files out, without a
// network, on a phone. MACE_UPDATE=1 writes the pictures of docs/using/playground.md anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, type Calculator } from '@mace/core';
import { makeStructure } from '@mace/core/structure';
import { readExtxyz, readStructures } from '@mace/io';
import { readModel } from '@mace/models/node';
import { gigapascal, givenMomenta, heldByMoveMask, massesOf, relax } from '@mace/sim';
import { findChromium } from '../scripts/lib/page.mjs';
import { playgroundFolder } from '../scripts/lib/playground.mjs';
import { energyOf, expectAccessible, startPlayground, type Playground } from './support/playground.js';
import { panel, pictureOfDocs, unfold } from './support/playground-hands.js';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const water = '3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n';

describe.skipIf(!findChromium() && !required)('the playground', () => {
  let playground: Playground;
  /** As the page computes by default: float64 with tables. */
  let calculator: Calculator;
  const gallery = JSON.parse(readFileSync(join(root, 'apps/playground/src/files/gallery.json'), 'utf8')) as {
    readonly name: string;
    readonly numbers: number[];
    readonly positions: number[];
    readonly cell?: number[];
  }[];
  const structureOf = (name: string) => makeStructure(gallery.find((one) => one.name === name)!);

  beforeAll(async () => {
    playground = await startPlayground();
    calculator = await createCalculator({
      model: await readModel('bundled'),
      backend: wasm({ threads: 1 }),
      tables: true,
    });
  });
  afterAll(async () => {
    await playground?.close();
    await calculator?.dispose();
  });

  const shown = async (name: string): Promise<string> =>
    `${(await calculator.evaluate(structureOf(name))).energy.toFixed(6)} eV`;
  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const openPanel = (page: Page, title: string): Promise<void> => unfold(page, panel(title));
  const paste = async (page: Page, text: string): Promise<void> => {
    await unfold(page, 'details.more:has(> summary:text-is("Paste text"))');
    await page.getByLabel('Text of a structure').fill(text);
    await press(page, 'Open');
  };
  const exported = async (page: Page, button: string): Promise<string> => {
    await openPanel(page, 'Export');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    return readFileSync(await file.path(), 'utf8');
  };
  const noticed = (page: Page, text: RegExp): Promise<void> =>
    page.locator('.notice', { hasText: text }).first().waitFor();

  it('opens with a result, which is that of the command line', async () => {
    const began = performance.now();
    const page = await playground.open();
    console.log(`first result after ${Math.round(performance.now() - began)} ms`);
    expect(await energyOf(page)).toBe(await shown('Ethanol'));
    for (const name of ['Water', 'Ice', 'Protein fragment (Ala-Gly-Ser)']) {
      await press(page, name);
      await page.waitForFunction(
        (wanted) => document.querySelector('#energy')?.textContent === wanted,
        await shown(name),
      );
    }
    await page.context().close();
  });

  it('transfers at most 1.5 MB to its first result, and nothing that nobody asked for', async () => {
    const context = await playground.browser.newContext();
    const paths = new Set<string>();
    context.on('request', (one) => {
      // A blob is of the page itself.
      if (one.url().startsWith(playground.address)) paths.add(new URL(one.url()).pathname);
    });
    await playground.open({ context });
    const files = [...paths].map((path) => readFileSync(join(playgroundFolder, path === '/' ? 'index.html' : path)));
    const bytes = files.reduce((sum, content) => sum + gzipSync(content).length, 0);
    console.log(`${files.length} files, ${(bytes / 1e6).toFixed(2)} MB compressed`);
    expect(bytes).toBeLessThan(1.5e6);
    expect(bytes).toBeGreaterThan(2e5);
    for (const path of paths) expect(path).not.toMatch(/ort[.-]|tfjs|gpu-browser|openchemlib|moyo/);
    await context.close();
  });

  it('relaxes, to the energy and in the steps of the library', async () => {
    const began = performance.now();
    const page = await playground.open();
    await press(page, 'Relax');
    await noticed(page, /Relaxed in \d+ steps/);
    console.log(
      `ethanol is relaxed ${Math.round(performance.now() - began)} ms after the page was asked for, by one click`,
    );
    const outcomes = relax(calculator, [structureOf('Ethanol')], { fmax: 0.01, steps: 500 });
    for await (const outcome of outcomes) {
      if ('error' in outcome) throw outcome.error;
      await noticed(page, new RegExp(`Relaxed in ${outcome.steps} steps`));
      await page.waitForFunction(
        (wanted) => document.querySelector('#energy')?.textContent === wanted,
        `${outcome.energy.toFixed(6)} eV`,
      );
    }
    expect(await page.locator('.plot canvas').count()).toBe(2);
    await openPanel(page, 'Edit');
    await press(page, 'Undo');
    await page.waitForFunction(
      (wanted) => document.querySelector('#energy')?.textContent === wanted,
      await shown('Ethanol'),
    );
    await page.context().close();
  });

  it('runs dynamics that people steer, stop and go on with', async () => {
    const page = await playground.open();
    await press(page, 'Relax');
    await noticed(page, /Relaxed/);
    await press(page, 'Run dynamics');
    const step = async (): Promise<number> =>
      Number(/step (\d+)/.exec((await page.locator('.activity').textContent()) ?? '')?.[1] ?? -1);
    const untilStep = (passed: number): Promise<unknown> =>
      page.waitForFunction((least) => {
        const [, text = ''] = /step (\d+)/.exec(document.querySelector('.activity')?.textContent ?? '') ?? [];
        return Number(text) > least;
      }, passed);
    await untilStep(100);
    await page.locator('#temperature').fill('600');
    await untilStep((await step()) + 100);
    if (process.env['MACE_UPDATE'] === '1') await untilStep(6000);
    await pictureOfDocs(page, 'playground');
    const last = await step();
    await page.locator('.activity').getByRole('button', { name: 'Stop' }).click();
    await energyOf(page);
    await press(page, 'Go on');
    await untilStep(last);
    await page.locator('.activity').getByRole('button', { name: 'Stop' }).click();
    await openPanel(page, 'Export');
    const [table] = await Promise.all([page.waitForEvent('download'), press(page, 'CSV of the run')]);
    const rows = readFileSync(await table.path(), 'utf8')
      .trim()
      .split('\n');
    expect(rows[0]).toMatch(/^step,time \[fs\],potential energy \[eV\]/);
    expect(rows.length).toBeGreaterThan(5);
    const steps = rows.slice(1).map((row) => Number(row.split(',')[0]));
    expect(steps.every((one, row) => row === 0 || one > steps[row - 1]!)).toBe(true);
    // What rests keeps its momenta, and dynamics of the file begin with them.
    const text = await exported(page, 'Extended XYZ');
    const [end] = readExtxyz(text);
    expect(end!.arrays['momenta']!.values.some((value) => value !== 0)).toBe(true);
    await paste(page, text);
    await page.getByText('Of the file these are not in it: momenta.').waitFor();
    await page.getByLabel('Ensemble').selectOption('nve');
    await page.getByLabel('At most').fill('10');
    await page.getByLabel('At most').blur();
    await press(page, 'Run dynamics');
    await noticed(page, /began with the velocities of the file/);
    await untilStep(1);
    await page.locator('.activity').getByRole('button', { name: 'Stop' }).click();
    const [, first] = (await exported(page, 'CSV of the run')).split('\n');
    const masses = massesOf(end!.numbers);
    const kinetic = givenMomenta(end!, masses)!.reduce((sum, p, i) => sum + p ** 2 / masses[Math.floor(i / 3)]! / 2, 0);
    expect(Number(first!.split(',')[3])).toBeCloseTo(kinetic, 6);
    await page.context().close();
  });

  it('reads pasted text, files and SMILES, and says what it cannot read', async () => {
    const page = await playground.open();
    await page.getByText('Paste text').click();
    await page.locator('#paste').fill(water);
    await press(page, 'Open');
    const energy = (await calculator.evaluate(readExtxyz(water)[0]!)).energy.toFixed(6);
    await page.waitForFunction((wanted) => document.querySelector('#energy')?.textContent === wanted, `${energy} eV`);
    await page.locator('#paste').fill('this is no structure');
    await press(page, 'Open');
    await noticed(page, /pasted text/);
    expect(await energyOf(page)).toBe(`${energy} eV`);
    const file = page.getByLabel('Open a file …');
    for (const [name, content, text] of [
      ['noise.xyz', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)), /noise\.xyz/],
      ['empty.cif', Buffer.alloc(0), /empty\.cif/],
      ['evil.xyz', Buffer.from('1\n<img src=x onerror=alert(1)>\nQq 0 0 0\n'), /evil\.xyz/],
      ['broken.model', Buffer.from('PK\u0003\u0004broken'), /broken\.model/],
    ] as const) {
      await file.setInputFiles({ name, mimeType: 'application/octet-stream', buffer: content });
      await noticed(page, text);
    }
    expect(await page.locator('.notice img').count()).toBe(0);
    const frames = [water, water.replace('0.119', '0.2')].join('');
    await file.setInputFiles({ name: 'two.xyz', mimeType: 'text/plain', buffer: Buffer.from(frames) });
    await page.getByText('Frame 1 of 2').waitFor();
    await page.locator('#smiles').fill('CO');
    await press(page, 'Build');
    await page.locator('dl.result', { hasText: 'CH4O' }).waitFor();
    await energyOf(page);
    await page.context().close();
  });

  it('dynamics that explode stop with advice, and the page goes on', async () => {
    const page = await playground.open();
    await page.getByText('Paste text').click();
    await page.locator('#paste').fill('2\n\nH 0 0 0\nH 0.12 0 0\n');
    await press(page, 'Open');
    await page.locator('dl.result', { hasText: 'H2' }).waitFor();
    await energyOf(page);
    await press(page, 'Run dynamics');
    await noticed(page, /eV\/Å.*Relax first/);
    await press(page, 'Water');
    await page.waitForFunction(
      (wanted) => document.querySelector('#energy')?.textContent === wanted,
      await shown('Water'),
    );
    await page.context().close();
  });

  it('edits: supercells, atoms added, changed and deleted, and undone', async () => {
    const page = await playground.open();
    await press(page, 'Ice');
    await page.locator('dl.result', { hasText: 'H32O16' }).waitFor();
    await openPanel(page, 'Edit');
    await press(page, 'Make a supercell');
    await page.locator('dl.result', { hasText: 'H64O32' }).waitFor();
    const large = await energyOf(page);
    const once = (await calculator.evaluate(structureOf('Ice'))).energy;
    expect(Number(large.replace(' eV', ''))).toBeCloseTo(2 * once, 5);
    await press(page, 'Undo');
    await page.locator('dl.result', { hasText: 'H32O16' }).waitFor();
    await press(page, 'Water');
    await press(page, 'Add an atom');
    await page.locator('dl.result', { hasText: 'H3O' }).waitFor();
    await page.locator('.measure', { hasText: 'H3' }).waitFor();
    await page.locator('#element').fill('Xy');
    await press(page, 'Add an atom');
    await noticed(page, /Xy/);
    await openPanel(page, 'Export');
    const [file] = await Promise.all([page.waitForEvent('download'), press(page, 'Extended XYZ')]);
    const [saved] = readStructures(readFileSync(await file.path()), { name: 'saved.xyz' });
    expect(saved!.info['energy']).toBeCloseTo(Number((await energyOf(page)).replace(' eV', '')), 6);
    expect(saved!.arrays['forces']!.values).toHaveLength(12);
    await page.context().close();
  });

  it("shows the stress of a crystal; what is set for its cell is in nobody else's way", async () => {
    const page = await playground.open();
    const { stress } = await calculator.evaluate(structureOf('Ice'), { properties: ['stress'] });
    await press(page, 'Ice');
    const shown = [0, 4, 8].map((at) => (stress![at]! / gigapascal).toFixed(3)).join('  ');
    await page.locator('dl.result', { hasText: shown }).waitFor();
    await page.getByLabel('Steps', { exact: true }).fill('2');
    await page.getByLabel('The cell too').check();
    await page.getByLabel('Pressure').fill('1');
    await page.getByLabel('The cell too').uncheck();
    await press(page, 'Relax');
    await noticed(page, /Not converged after 2 steps/);
    await page.getByLabel('The cell too').check();
    await page.getByLabel('Ensemble').selectOption('npt');
    await press(page, 'Run dynamics');
    await page.locator('.plot', { hasText: 'pressure' }).waitFor();
    await page.locator('.activity').getByRole('button', { name: 'Stop' }).click();
    expect(await exported(page, 'Plots as SVG')).toContain('pressure, with kinetic part (GPa)');
    await press(page, 'Ethanol');
    await noticed(page, /constant temperature is chosen instead/);
    await press(page, 'Relax');
    await noticed(page, /Not converged after 2 steps/);
    await page.context().close();
  });

  it('fixed atoms and plots are of one structure, and files hold them', async () => {
    const page = await playground.open();
    await page.locator('#atom').evaluate((one) => one.closest('details')!.setAttribute('open', ''));
    await page.locator('#atom').fill('0');
    await page.locator('#atom').blur();
    await press(page, 'Fix chosen atoms');
    await page.getByText('1 fixed').waitFor();
    await press(page, 'Relax');
    await noticed(page, /Relaxed in/);
    // As the message has it: of what may move.
    await page.locator('dl.result', { hasText: 'Largest force, free atoms' }).waitFor();
    await page.waitForFunction(() => {
      const said = /largest force ([\d.]+)/.exec(document.querySelector('.notice')?.textContent ?? '')?.[1];
      return document.querySelector('#largest-force')?.textContent?.startsWith(said!);
    });
    const steps = Number(/Relaxed in (\d+)/.exec((await page.locator('.notice').first().textContent())!)![1]);
    const rows = (await exported(page, 'CSV of the run')).trim().split('\n').slice(1);
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(Array.from({ length: steps + 1 }, (_, i) => i));
    const text = await exported(page, 'Extended XYZ');
    expect(heldByMoveMask(readExtxyz(text)[0]!)).toEqual([0]);
    await paste(page, text);
    await page.getByText('1 fixed').waitFor();
    await page.locator('.plots').waitFor({ state: 'detached' });
    await press(page, 'Ethanol');
    await page.getByText('click an atom; with shift, more').waitFor();
    await page.context().close();
  });

  it('says what it does not take, where people look: numbers, elements, charges, nothing', async () => {
    const page = await playground.open();
    const timestep = page.getByLabel('Time step');
    for (const wrong of ['50', '-1', '']) {
      await timestep.fill(wrong);
      await timestep.blur();
      await page.locator('.refused', { hasText: '1 is used.' }).waitFor();
      expect(await timestep.getAttribute('aria-invalid')).toBe('true');
    }
    await timestep.fill('0.5');
    await timestep.blur();
    await page.locator('.refused').waitFor({ state: 'detached' });
    await openPanel(page, 'Edit');
    await page.locator('#element').fill('Zz');
    await press(page, 'Add an atom');
    await page.locator(`${panel('Edit')} .notice.error`, { hasText: 'Zz' }).waitFor();
    await press(page, 'Water');
    await page.locator(`${panel('Edit')} .notice`).waitFor({ state: 'detached' });
    for (const [smiles, said] of [
      ['[NH4+]', /charge of \+1/],
      ['C(', /do not close/],
      ['C[', /do not close/],
      ['xx', /^SMILES xx: (?!.*Class).*Expected/],
    ] as const) {
      await page.locator('#smiles').fill(smiles);
      await press(page, 'Build');
      await noticed(page, said);
    }
    await paste(page, '0\n\n');
    await noticed(page, /no atoms|no structure/);
    await paste(page, '2\n\nO 0 0 0\nO 0 0 0\n');
    await page.waitForFunction(() => document.querySelector('#energy')?.textContent?.trim() === '—');
    await page.context().close();
  });

  it('a model that lacks an element refuses kindly, and the page goes on', async () => {
    const page = await playground.open();
    await press(page, 'Silicon');
    await noticed(page, /Si/);
    await press(page, 'Water');
    expect(await energyOf(page)).toBe(await shown('Water'));
    await page.context().close();
  });

  it('computes on other backends, with the same numbers', async () => {
    const page = await playground.open();
    await openPanel(page, 'Backend');
    const { energy } = await calculator.evaluate(structureOf('Ethanol'));
    const browser = await page.evaluate(() => 'gpu' in navigator);
    for (const [name, decimals] of [
      ['typed-arrays', 6],
      ['wasm', 6],
      ...(browser ? ([['webgpu', 4]] as const) : []),
    ] as const) {
      await page.getByLabel('Backend', { exact: true }).selectOption(name);
      await page.waitForFunction(() => !document.querySelector('.activity')?.textContent);
      expect(await energyOf(page), name).toBe(`${energy.toFixed(decimals)} eV`);
    }
    await page.context().close();
  });

  it('works on a phone, for everybody, in both themes', async () => {
    const page = await playground.open({ size: { width: 390, height: 844 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    // The controls are below the picture, which stays in sight while they lead what moves.
    await press(page, 'Run dynamics');
    await page.locator('.plots').waitFor();
    await page.getByLabel('Optimizer').scrollIntoViewIfNeeded();
    const { y, height } = (await page.locator('.stage').boundingBox())!;
    expect(y).toBeGreaterThanOrEqual(0);
    expect(height).toBeLessThan(844 / 2);
    const bar = (await page.getByRole('toolbar', { name: 'What is drawn' }).boundingBox())!;
    expect((await page.locator('.canvas').boundingBox())!.y).toBeGreaterThanOrEqual(bar.y + bar.height);
    await page.context().close();
  });

  it('opens again without a network', async () => {
    const page = await playground.open();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await page.reload();
    expect(await energyOf(page)).toBe(await shown('Ethanol'));
    await page.context().close();
  });

  it('asked nobody but its server, and complained of nothing', () => {
    expect(playground.complaints).toEqual([]);
  });
});
