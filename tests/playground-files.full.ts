// What files say of a structure beside its atoms, in a headless Chromium: charges, masses, directions that are held, frames; and
// drops that are not one file.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { readExtxyz, readModel } from '@mace/io';
import { oracleModel } from '../packages/io/test/hostile/build.js';
import { findChromium } from '../scripts/lib/page.mjs';
import { energyOf, startPlayground, type Playground } from './support/playground.js';
import { copiedLink, drop, exported, noticed, panel, press, unfold } from './support/playground-hands.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
/** Knows total charge and spin. */
const model = oracleModel('embedding-charge-spin');
const atoms = [
  'H 1.711566 1.963895 1.761460',
  'C 0.607206 0.907029 1.453435',
  'O 1.901180 0.936328 1.584714',
  'C 0.022874 1.456788 0.300031',
  'H 2.281361 1.840500 0.340943',
];
const charged = `5\ntotal_charge=1 total_spin=2 note=kept REF_energy=-3\n${atoms.join('\n')}\n`;
const water = ['O 0 0 0.119', 'H 0 0.763 -0.477', 'H 0 -0.763 -0.477'];

describe.skipIf(!findChromium() && !required)('files in the playground', () => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await startPlayground();
  });
  afterAll(() => playground?.close());

  const open = async (page: Page, name: string, text: string): Promise<string> => {
    const before = await energyOf(page);
    await drop(page, name, Buffer.from(text));
    return energyOf(page, before);
  };
  /** eV of a structure in a file. */
  const energyIn = async (text: string, by = model): Promise<number> => {
    const calculator = await createCalculator({
      model: await readModel(by),
      backend: reference(),
      precision: 'f64',
    });
    const { energy } = await calculator.evaluate(readExtxyz(text)[0]!);
    await calculator.dispose();
    return energy;
  };

  it('a charge of the file holds in runs, in files and in links, and is seen', async () => {
    const page = await playground.open();
    const first = await energyOf(page);
    await drop(page, 'charges.model', model);
    await energyOf(page, first);
    const energy = await open(page, 'charged.xyz', charged);
    expect(Number(energy.replace(' eV', ''))).toBeCloseTo(await energyIn(charged), 5);
    await page.locator('.result', { hasText: '1, of the file' }).waitFor();
    await unfold(page, panel('Model'));
    expect(await page.getByLabel('total charge').inputValue()).toBe('1');

    await page.getByLabel('Steps', { exact: true }).fill('2');
    await press(page, 'Relax');
    await noticed(page, /Not converged after 2 steps/);
    const [, begin] = (await exported(page, 'CSV of the run')).split('\n');
    expect(Number(begin!.split(',')[1])).toBeCloseTo(await energyIn(charged), 8);
    const text = await exported(page, 'Extended XYZ');
    const [end] = readExtxyz(text);
    expect(end!.info).toMatchObject({ total_charge: 1, total_spin: 2, note: 'kept' });
    expect(end!.info['REF_energy']).toBeUndefined();
    expect(end!.info['energy']).toBeCloseTo(await energyIn(text), 8);
    expect(await copiedLink(page)).toMatch(/#s1=/);

    // What people say goes before what the file says, and into the file.
    const relaxed = await energyOf(page);
    await page.getByLabel('total charge').fill('-2');
    await page.getByLabel('total charge').press('Enter');
    await energyOf(page, relaxed);
    await page.locator('.result', { hasText: '-2, as set under Model' }).waitFor();
    const said = await exported(page, 'Extended XYZ');
    expect(readExtxyz(said)[0]!.info['energy']).toBeCloseTo(await energyIn(said), 8);
    await page.context().close();
  });

  it('columns of the file that the model reads hold in runs', async () => {
    const page = await playground.open();
    const sites = oracleModel('embedding-atom-level');
    await drop(page, 'sites.model', sites);
    // Ethanol has no such column.
    await noticed(page, /site/);
    const columns = 'Properties=species:S:1:pos:R:3:site_label:I:1:magmom:R:1';
    const labelled = atoms.map((line, i) => `${line} ${i % 4} ${i % 2 ? 1.5 : -0.5}`);
    const text = `5\n${columns}\n${labelled.join('\n')}\n`;
    await drop(page, 'sites.xyz', Buffer.from(text));
    await energyOf(page);
    await page.getByLabel('Steps', { exact: true }).fill('2');
    await press(page, 'Relax');
    await noticed(page, /Not converged after 2 steps/);
    const [, begin] = (await exported(page, 'CSV of the run')).split('\n');
    expect(Number(begin!.split(',')[1])).toBeCloseTo(await energyIn(text, sites), 8);
    const end = await exported(page, 'Extended XYZ');
    expect(readExtxyz(end)[0]!.info['energy']).toBeCloseTo(await energyIn(end, sites), 8);
    await page.context().close();
  });

  it('a link brings a charge of the file along; a model that knows none says so', async () => {
    const page = await playground.open();
    await open(page, 'charged.xyz', charged);
    const note = page.locator('.result', {
      hasText: /total_charge = 1; this model does not know charges and ignored it/,
    });
    await note.waitFor();
    const link = await copiedLink(page);
    await press(page, 'Water');
    await note.waitFor({ state: 'detached' });
    const other = await playground.open({ fragment: link.slice(link.indexOf('#')) });
    await other.locator('.result', { hasText: /total_charge = 1; this model does not know/ }).waitFor();
    for (const one of [page, other]) await one.context().close();
  });

  it('isotopes move with the masses of their file, also after an edit', async () => {
    const page = await playground.open();
    const heavy = water.map((line, i) => `${line} ${i === 0 ? 15.999 : 100} 0 0.1 0`);
    const columns = 'Properties=species:S:1:pos:R:3:masses:R:1:momenta:R:3';
    await open(page, 'heavy.xyz', `3\n${columns}\n${heavy.join('\n')}\n`);
    await page.getByLabel('Ensemble').selectOption('nve');
    await page.getByLabel('At most').fill('5');
    await page.getByLabel('At most').press('Enter');
    await press(page, 'Run dynamics');
    await noticed(page, /began with the velocities of the file/);
    await page.waitForFunction(() => /step [1-9]/.test(document.querySelector('.activity')?.textContent ?? ''));
    await press(page, 'Stop');
    const [, first] = (await exported(page, 'CSV of the run')).split('\n');
    expect(Number(first!.split(',')[3])).toBeCloseTo((0.1 ** 2 / 2) * (1 / 15.999 + 2 / 100), 8);
    await page.locator('canvas').first().press('PageDown');
    await unfold(page, panel('Edit'));
    await press(page, 'Delete chosen');
    const [rest] = readExtxyz(await exported(page, 'Extended XYZ'));
    expect([...rest!.arrays['masses']!.values]).toEqual([100, 100]);
    await page.context().close();
  });

  it('atoms nearer than any bond are named, where they come from a file and where a relaxation brought them', async () => {
    const page = await playground.open();
    const near = `3\n\n${water[0]}\nH -0.09 -0.31 0.02\n${water[2]}\n`;
    await open(page, 'near.xyz', `3\n\n${water[0]}\nH 0 0 0.13\n${water[2]}\n`);
    await page.locator('.result', { hasText: /atoms 0 and 1 are 0\.011 Å apart, nearer than any bond/ }).waitFor();
    await open(page, 'near.xyz', near);
    await press(page, 'Relax');
    await noticed(page, /Relaxed/);
    await page
      .locator('.result', { hasText: /1 \(H\) and 0 \(O\) are 0\.3\d\d Å apart; the limit is 0\.388 Å/ })
      .waitFor();
    await page.context().close();
  });

  it('frames stay those of their file, through changes and what is undone', async () => {
    const page = await playground.open();
    const other = water.map((line) => line.replace('0.763', '0.8'));
    const third = ['H 0 0 0', 'H 0 0 0.8'];
    const frames = [water, other, third].map((lines) => `${lines.length}\n\n${lines.join('\n')}\n`).join('');
    await open(page, 'frames.xyz', frames);
    const label = page.locator('label[for="frame"]');
    const slider = page.locator('#frame');
    await slider.fill('1');
    await expect.poll(() => label.textContent()).toBe('Frame 2 of 3');
    await press(page, 'Relax');
    await noticed(page, /Relaxed/);
    expect(await label.textContent()).toBe('Frame 2 of 3, changed');
    await press(page, 'Ethanol');
    await slider.waitFor({ state: 'detached' });
    await unfold(page, panel('Edit'));
    await press(page, 'Undo');
    expect(await label.textContent()).toBe('Frame 2 of 3, changed');
    await page.locator('canvas').first().press('PageDown');
    await press(page, 'Fix chosen atoms');
    await slider.fill('2');
    await noticed(page, /other elements: no atom is fixed/);
    await page.context().close();
  });

  it('where all atoms are fixed nothing moves, and that is said; a wheel changes no number', async () => {
    const page = await playground.open();
    await press(page, 'Water');
    const canvas = page.locator('canvas').first();
    await canvas.press('PageDown');
    for (let more = 0; more < 2; more++) await canvas.press('Shift+PageDown');
    await press(page, 'Fix chosen atoms');
    await press(page, 'Run dynamics');
    await noticed(page, /all atoms are fixed, and nothing can move/);
    await page.getByLabel('Time step').press('Control+A');
    await page.getByLabel('Time step').pressSequentially('7');
    await page.getByLabel('Time step').press('Escape');
    await page.getByLabel('Friction').click();
    expect(await page.getByLabel('Time step').inputValue()).toBe('1');
    await page.getByLabel('Time step').click();
    await page.mouse.wheel(0, -300);
    await page.mouse.wheel(0, -300);
    expect(await page.getByLabel('Time step').inputValue()).toBe('1');
    await page.context().close();
  });

  it('atoms that a file holds in all directions are fixed; those held in some are said', async () => {
    const page = await playground.open();
    const poscar = `held\n1.0\n8 0 0\n0 8 0\n0 0 8\nO H\n1 2\nSelective dynamics\nCartesian
0 0 0.119 F F F\n0 0.763 -0.477 T T F\n0 -0.763 -0.477 T T T\n`;
    await open(page, 'POSCAR', poscar);
    await noticed(page, /lets 1 atom move in some directions only: here it is free in all/);
    const [structure] = readExtxyz(await exported(page, 'Extended XYZ'));
    expect(structure!.arrays['move_mask']!.values).toEqual([false, true, true]);
    await press(page, 'Water');
    expect(await page.locator('.notice', { hasText: 'some directions only' }).count()).toBe(0);
    await page.context().close();
  });

  it('several files, folders, and text that is no structure: each is said, and a run goes on', async () => {
    const page = await playground.open();
    await press(page, 'Run dynamics');
    const step = (): Promise<number> =>
      page.evaluate(() => Number(/step (\d+)/.exec(document.querySelector('.activity')?.textContent ?? '')?.[1] ?? 0));
    await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(0);
    await drop(page, 'words.txt', Buffer.from('nothing of atoms'));
    await noticed(page, /words\.txt/);
    const then = await step();
    await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(then);
    await press(page, 'Stop');

    const folder = mkdtempSync(join(tmpdir(), 'mace-drop-'));
    writeFileSync(join(folder, 'water.xyz'), `3\n\n${water.join('\n')}\n`);
    const cdp = await page.context().newCDPSession(page);
    const dropped = async (files: readonly string[]): Promise<void> => {
      const data = { items: [], files, dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'])
        await cdp.send('Input.dispatchDragEvent' as never, { type, x: 400, y: 300, data } as never);
    };
    await dropped([folder]);
    await noticed(page, /cannot be read: is it a folder, or gone/);
    await dropped([join(folder, 'water.xyz'), join(folder, 'water.xyz')]);
    await noticed(page, /Only water\.xyz of 2 files was taken/);
    await energyOf(page);
    await page.getByRole('link', { name: 'Agreement' }).click();
    await page.getByRole('heading', { name: 'Agreement' }).waitFor();
    await dropped([join(folder, 'water.xyz')]);
    await page.locator('.result', { hasText: 'H2O' }).waitFor();
    await page.context().close();
  });

  it('complained of nothing', () => {
    expect(playground.complaints).toEqual([]);
  });
});
