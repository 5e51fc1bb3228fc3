// Hands that use the playground in a test: folded parts, dropped files, links, what it exports.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { readModel } from '@mace/io';
import { readStructureFile } from '@mace/io/node';
import { root } from './workspace.js';

/** A folder to which pictures go, for people to look at. */
const pictures = process.env['MACE_PICTURES'];

/** Opens a folded part, and waits for it. */
export async function unfold(page: Page, selector: string): Promise<void> {
  const part = page.locator(selector);
  if ((await part.getAttribute('open')) === null) await part.locator('> summary').click();
}

export const panel = (title: string): string => `details.panel:has(h2:text-is("${title}"))`;

/** The first button of this very name. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
}

/** Waits for a message that says this. */
export async function noticed(page: Page, text: RegExp): Promise<void> {
  await page.locator('.notice', { hasText: text }).first().waitFor();
}

/** The text of a file that a button of *Export* gives. */
export async function exported(page: Page, button: string): Promise<string> {
  await unfold(page, panel('Export'));
  const [file] = await Promise.all([page.waitForEvent('download'), press(page, button)]);
  return readFileSync(await file.path(), 'utf8');
}

/** Drops a file of this text or these bytes on the page, as a hand does. */
export async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, base64]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0))], file!));
      return transfer;
    },
    [name, Buffer.from(bytes).toString('base64')],
  );
  await page.locator('#main').dispatchEvent('drop', { dataTransfer: data });
}

/** The picture of docs/using that shows the page as it is; made anew with MACE_UPDATE=1. */
export async function pictureOfDocs(page: Page, name: string): Promise<void> {
  const path = join(root, 'docs', 'using', `${name}.png`);
  if (process.env['MACE_UPDATE'] === '1') await page.screenshot({ path });
  expect(statSync(path).size, path).toBeLessThan(180_000);
}

export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** Potential and kinetic energy of the last frame of a run, eV, as the page exports it. */
export async function totalEnergy(page: Page): Promise<number> {
  await unfold(page, panel('Export'));
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV of the run' }).click(),
  ]);
  const rows = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\n');
  const [, , potential, kinetic] = rows.at(-1)!.split(',').map(Number);
  return potential! + kinetic!;
}

/** eV, by the reference, as the page shows it. */
export async function expectedEnergy(model: Uint8Array, structure: string): Promise<number> {
  const [atoms] = await readStructureFile(join(root, 'packages', 'models', 'bundled', 'structures', structure));
  const calculator = await createCalculator({ model: await readModel(model), backend: reference(), precision: 'f64' });
  try {
    return (await calculator.evaluate(atoms!)).energy;
  } finally {
    await calculator.dispose();
  }
}

/** The link that the page makes of what it shows. */
export async function copiedLink(page: Page): Promise<string> {
  await unfold(page, panel('Export'));
  await page.getByRole('button', { name: 'Copy link' }).click();
  return page.getByLabel('Link', { exact: true }).inputValue();
}

/** The entry of a published model, unfolded. */
export async function publishedModel(page: Page, name: string): Promise<Locator> {
  for (const part of [panel('Model'), '#published', `#published-${name}`]) await unfold(page, part);
  return page.locator(`#published-${name}`);
}

/** How many sessions in which this ran the browser keeps for later. */
export async function keptRuns(page: Page, kind: 'relax' | 'dynamics'): Promise<number> {
  return page.evaluate(async (wanted) => {
    const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('no answer'));
      });
    const database = await answerOf(indexedDB.open('mace-playground'));
    const sessions = await answerOf(database.transaction('sessions').objectStore('sessions').getAll());
    database.close();
    return (sessions as { readonly running: unknown }[]).filter(({ running }) => running === wanted).length;
  }, kind);
}
