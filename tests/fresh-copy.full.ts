// `npm start` where nothing is installed yet: it may need nothing but what it installs itself, so no engine of other people.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, npmScript, root, trackedFiles } from './support/workspace.js';

const files = trackedFiles();

describe.skipIf(!files)('a fresh copy', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mace fresh '));
    for (const path of files!) cpSync(join(root, path), join(folder, path));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('sets itself up and computes with npm start, without the engines that are optional', () => {
    const run = node([npmScript('npm-cli.js'), 'start'], folder);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/energy .*eV/i);
    expect(existsSync(join(folder, 'node_modules', 'vitest'))).toBe(false);
  });
});
