/**
 * Every backend of the playground in one page: the three answers of the conformance kit for each, and energy and forces of ethanol beside
 * those of the command line. Writes what it found to `reports/playground-backends.json`, which `long-reports.test.ts` reads.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { readExtxyz } from '@mace/io';
import { hashOfSources } from '../scripts/lib/sources.mjs';
import { energyOf, startPlayground } from './support/playground.js';
import { panel, picture, unfold } from './support/playground-hands.js';
import { writeReport } from './support/report.js';
import { root } from './support/workspace.js';

const patient = { timeout: 1_200_000 };

test('every backend agrees with the reference, and shows what the command line says', async () => {
  // Of what is built now.
  const sources = hashOfSources(['apps/playground/src', 'packages/conformance/src']);
  const playground = await startPlayground();
  try {
    const page = await playground.open({ fragment: '#agreement' });
    const names = await runAll(page);
    const answers = [];
    for (const name of names) answers.push(await answersOf(page, name));
    await picture(page, 'agreement-of-all');

    await page.getByRole('link', { name: 'Work' }).click();
    await energyOf(page);
    await unfold(page, panel('Backend'));
    await unfold(page, panel('Export'));
    const backends = [];
    for (const answer of answers) backends.push({ ...answer, ...(await besideCommandLine(page, answer.name)) });
    console.table(backends);
    writeReport('playground-backends', sources, { browser: playground.browser.version(), backends });
    expect(playground.complaints).toEqual([]);
  } finally {
    await playground.close();
  }
});

/** The conformance kit on every backend that the page offers. */
async function runAll(page: Page): Promise<string[]> {
  const boxes = page.locator('.backends input:enabled');
  await boxes.first().waitFor();
  const names: string[] = [];
  for (const box of await boxes.all()) {
    await box.check();
    names.push((await box.getAttribute('value'))!);
  }
  await page.getByRole('button', { name: `Run ${names.length} backends` }).click();
  await page.getByText(`${names.length} of ${names.length} done`).waitFor(patient);
  return names;
}

async function answersOf(page: Page, name: string) {
  const card = page.locator(`.answer[data-backend="${name}"]`);
  const texts = async (selector: string): Promise<string[]> => card.locator(selector).allTextContents();
  const [verdict] = await texts('.verdict');
  const [energies, forces, equivariance] = await texts('[data-quantity]');
  return { name, verdict, energies, forces, equivariance };
}

/** What the page shows of its first structure, and what `mace eval` says of the file that the page writes of it. */
async function besideCommandLine(page: Page, backend: string) {
  await page.getByLabel('Backend', { exact: true }).selectOption(backend);
  await page.waitForFunction(() => !document.querySelector('.activity')?.textContent, undefined, patient);
  const energy = await energyOf(page);
  const largestForce = (await page.locator('#largest-force').textContent())!.trim();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Extended XYZ' }).click(),
  ]);
  const path = await file.path();
  const forces = readExtxyz(readFileSync(path, 'utf8'))[0]!.arrays['forces']!.values as Float64Array;
  const said = JSON.parse(commandLine('eval', path, '--format', 'extxyz', '--tables', '--json')) as {
    readonly energy: number;
    readonly maxForce: number;
    readonly forces: readonly (readonly number[])[];
  };
  return {
    energy,
    sameEnergy: energy === `${said.energy.toFixed(decimalsOf(energy))} eV`,
    largestForce,
    sameLargestForce: largestForce === `${said.maxForce.toFixed(decimalsOf(largestForce))} eV/Å`,
    forceDifference: Math.max(...said.forces.flat().map((value, i) => Math.abs(value - forces[i]!))),
  };
}

const decimalsOf = (shown: string): number => /\.(\d+)/.exec(shown)![1]!.length;

function commandLine(...words: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'packages', 'cli', 'bin', 'mace.js'), ...words], {
    encoding: 'utf8',
  });
}
