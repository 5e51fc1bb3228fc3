/**
 * Files as large as the published ones, with random weights: downloaded from a server, stopped and gone on with, opened, verified
 * against mace-torch. MACE_STANDINS names the folder that `make_standins.py --real-sizes FOLDER` made.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator } from '@mace/core';
import { readModelFile } from '@mace/io/node';
import { publishedModels, verifyFigures, type UpstreamFigures } from '../src/index.js';
import { pullModel } from '../src/node/index.js';
import { serve } from './testing/server.js';
import { servedBy } from './testing/standins.js';

const folder = process.env.MACE_STANDINS;
const figuresFile = folder === undefined ? '' : join(folder, 'figures.json');
const figures = existsSync(figuresFile)
  ? (JSON.parse(readFileSync(figuresFile, 'utf8')) as Record<string, UpstreamFigures>)
  : {};
const named = publishedModels.filter(({ name }) => Object.hasOwn(figures, name));

describe('files of real sizes', () => {
  test.skipIf(named.length > 0)(
    'set MACE_STANDINS to the folder that make_standins.py --real-sizes made',
    (context) => {
      context.skip('MACE_STANDINS is not set');
    },
  );

  test.each(named.map(({ name }) => name))('%s', async (name) => {
    const bytes = readFileSync(join(folder!, `${name}.model`));
    const file = `${name}.model`;
    const server = await serve({ [file]: { bytes, version: '"1"', breakAfter: Math.floor(bytes.length / 3) } });
    const cache = mkdtempSync(join(tmpdir(), 'mace real sizes '));
    try {
      const { sha256: _pinned, ...model } = servedBy(server.address, name);
      await expect(pullModel(model, { folder: cache, acceptLicence: ['ASL'] })).rejects.toThrow('goes on from there');
      server.files = { [file]: { bytes, version: '"1"' } };
      const started = performance.now();
      const { path } = await pullModel(model, { folder: cache, acceptLicence: ['ASL'] });
      const pulled = performance.now();
      const opened = await readModelFile(path);
      const read = performance.now();
      const calculator = await createCalculator({ model: opened, backend: wasm() });
      const verified = await verifyFigures(calculator, figures[name]!);
      const done = performance.now();
      await calculator.dispose();
      const seconds = [pulled - started, read - pulled, done - read].map((ms) => (ms / 1000).toFixed(1));
      console.log(
        `${name}: ${(bytes.length / 1e6).toFixed(1)} MB, pulled in ${seconds[0]} s, opened in ${seconds[1]} s, ${verified.length} structures in ${seconds[2]} s, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB of memory; |ΔE| ${Math.max(...verified.map((one) => one.energyDifference)).toExponential(1)} eV, |ΔF| ${Math.max(...verified.map((one) => one.forceDifference ?? 0)).toExponential(1)} eV/Å`,
      );
      for (const one of verified) expect(one, one.structure).toMatchObject({ agrees: true });
    } finally {
      rmSync(cache, { recursive: true, force: true });
      await server.close();
    }
  });
});
