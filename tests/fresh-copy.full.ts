// The first hour, where nothing is installed yet: `npm start`, which may need nothing but what it installs itself, so no engine of other
// people; then energies of one's own file with a published model by name, from a server that stands for the published ones.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishedModel } from '@mace/models';
import { serve } from '../packages/models/test/testing/server.js';
import { standIn } from '../packages/models/test/testing/standins.js';
import { node, npmScript, root, trackedFiles } from './support/workspace.js';

const files = trackedFiles();

describe.skipIf(!files)('a fresh copy', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mace fresh '));
    for (const path of files!) cpSync(join(root, path), join(folder, path));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const begun = performance.now();

  it('sets itself up and computes with npm start, without the engines that are optional', () => {
    const run = node([npmScript('npm-cli.js'), 'start'], folder);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/energy .*eV/i);
    expect(existsSync(join(folder, 'node_modules', 'vitest'))).toBe(false);
  });

  it('gives the energies of a file with a published model by name', async () => {
    const server = await serve({
      [publishedModel('medium').address.replace('https://', '')]: { bytes: standIn('medium') },
    });
    try {
      writeFileSync(join(folder, 'water.xyz'), '3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n');
      const words = ['run', '--silent', 'mace', '--', 'eval', 'water.xyz', '--model', 'medium'];
      const env = { ...process.env, MACE_MIRROR: server.address, XDG_CACHE_HOME: join(folder, 'cache') };
      const printed = await new Promise<string>((resolve, reject) => {
        execFile(process.execPath, [npmScript('npm-cli.js'), ...words], { cwd: folder, env }, (error, out, err) => {
          if (error) reject(new Error(`${error.message}\n${err}`));
          else resolve(out);
        });
      });
      expect(printed).toMatch(/^H2O .*wasm f64, exact\n +energy +-?[\d.]+ eV/);
      console.log(`from a clone to that energy: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    } finally {
      await server.close();
    }
  });
});
