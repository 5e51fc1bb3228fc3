// Dynamics in a page: a run that is kept in the private files of the page's origin, and gone on with to the same bytes. Skipped where there
// is no Chromium; CI installs and requires it.
import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const model = readFileSync(`${root}/packages/models/bundled/hcno-xtb.safetensors`).toString('base64');
const ice = readFileSync(`${root}/packages/models/bundled/structures/ice.xyz`, 'utf8');
const beginning = `import { createCalculator } from '@mace/core';
  import { wasm } from '@mace/backend-wasm';
  import { openPrivateStorage, readExtxyz, readModelBytes } from '@mace/io';
  import { dynamics } from '@mace/sim';
  const model = () => readModelBytes(Uint8Array.from(atob('${model}'), (letter) => letter.charCodeAt(0)));
  const [ice] = readExtxyz(${JSON.stringify(ice)});`;

it('a run in private files is gone on with to the same bytes', async (context) => {
  if (!findChromium() && !required) context.skip('no Chromium: install it, or set CHROMIUM.');
  const found = (await runInPage(`${beginning}
    async function run(storage, steps) {
      const calculator = await createCalculator({ model: await model(), backend: wasm(), precision: 'f32', tables: true });
      const options = { ensemble: 'npt', temperature: 200, logEvery: 2, trajectoryEvery: 3, checkpointSeconds: 0, restart: true, storage };
      for await (const frame of dynamics(calculator, ice, { ...options, steps })) if ('error' in frame) throw frame.error;
      await calculator.dispose();
    }
    const text = async (storage, name) => new TextDecoder().decode(await storage.read(name));
    export const main = async () => {
      const [whole, parted] = [await openPrivateStorage('whole'), await openPrivateStorage('parted')];
      await run(whole, 8);
      await run(parted, 5);
      // What a closed tab leaves behind the last record.
      const appender = await parted.append('log.csv', await parted.size('log.csv'));
      await appender.write(new TextEncoder().encode('6,torn'));
      await appender.close();
      await run(await openPrivateStorage('parted'), 8);
      // Two ways to the same files: one run at a time.
      const both = await Promise.allSettled([run(await openPrivateStorage('both'), 4), run(await openPrivateStorage('both'), 4)]);
      const refused = both.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.message);
      await run(await openPrivateStorage('both'), 6);
      const same = [];
      for (const name of ['log.csv', 'trajectory.xyz', 'final.xyz', 'restart.json'])
        same.push((await text(whole, name)) === (await text(parted, name)));
      await parted.remove('log.csv');
      return { same, refused, lines: (await text(whole, 'log.csv')).match(/^\\d+,/gm).length, gone: await parted.size('log.csv') };
    };`)) as object;
  expect(found).toEqual({
    same: [true, true, true, true],
    refused: [expect.stringMatching(/^both: another run writes to these private files/)],
    lines: 5,
    gone: null,
  });
});
