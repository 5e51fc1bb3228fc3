// The command line as people start it in a clone: from any folder, by any of its spellings, before and after the build.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, npmScript, read, root } from './support/workspace.js';

const version = (JSON.parse(read('packages/cli/package.json')) as { version: string }).version;
let folder = '';

beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'mace line ')), 'a folder with späces');
  mkdirSync(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('runs from a folder with spaces in its path', () => {
    const run = node([join(root, 'packages', 'cli', 'bin', 'mace.js'), '--version'], folder);
    expect({ ...run, stdout: run.stdout.includes(version) }).toEqual({ code: 0, stdout: true, stderr: '' });
  });

  it('is linked, so that the root finds it without installing anything', () => {
    const run = node([npmScript('npx-cli.js'), '--no-install', 'mace', '--version']);
    expect(run.stdout).toContain(version);
    expect(run.code).toBe(0);
  });

  it('is reached by the script that sets up first, silently when there is nothing to do', () => {
    const run = node([join('scripts', 'mace.mjs'), '--version']);
    expect({ ...run, stdout: run.stdout.includes(version) }).toEqual({ code: 0, stdout: true, stderr: '' });
  });

  it('says what to do when it is not built', () => {
    cpSync(join(root, 'packages', 'cli', 'bin'), join(folder, 'bin'), { recursive: true });
    cpSync(join(root, 'packages', 'cli', 'package.json'), join(folder, 'package.json'));
    const run = node([join(folder, 'bin', 'mace.js'), '--version'], folder);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('npm run mace');
  });
});
