/** `mace conform` as a person or a program runs it. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '@mace/conformance';

const bin = fileURLToPath(new URL('../bin/mace.js', import.meta.url));
const core = pathToFileURL(fileURLToPath(new URL('../../core/dist/index.js', import.meta.url))).href;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mace conform '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function conform(args: readonly string[], fixtures?: string): Promise<Ran> {
  const env = { ...process.env, MACE_FIXTURES: fixtures };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, 'conform', ...args],
      { cwd: folder, env, maxBuffer: 1 << 26 },
      (error, out, err) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
      },
    );
  });
}

/** A package with a backend: the reference under another name, with something changed and something exported beside it. */
function packageOf(name: string, change: string, beside = '', exports: unknown = './index.js'): string {
  const own = join(folder, name);
  mkdirSync(own);
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name, type: 'module', exports }));
  writeFileSync(
    join(own, 'index.js'),
    `import { reference } from ${JSON.stringify(core)};
     export function own() {
       const sound = reference();
       return { ...sound, name: ${JSON.stringify(name)}, ${change} };
     }
     ${beside}\n`,
  );
  return own;
}

/** Claims float32 only. */
const single = `
  probe: async () => {
    const found = await sound.probe();
    return { ...found, capabilities: { ...found.capabilities, precisions: ['f32'] } };
  }`;

const scaled = `create: async () => {
  const backend = await sound.create();
  return { ...backend, name: 'scaled', compile: async (graph, options) => {
    const executable = await backend.compile(graph, options);
    return { ...executable, run: async (...args) => {
      const outputs = await executable.run(...args);
      return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.map((x) => x * 1.001)]));
    } };
  } };
}`;

describe('mace conform', () => {
  test('--json prints one line per backend and precision', async () => {
    const { code, out } = await conform(['--backend', 'reference,typed-arrays', '--only', 'ops/exp', '--json']);
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Report);
    expect(lines.map(({ backend, precision }) => `${backend} ${precision}`)).toEqual([
      'reference f64',
      'reference f32',
      'typed-arrays f64',
      'typed-arrays f32',
    ]);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        'backend',
        'device',
        'precision',
        'passed',
        'failed',
        'limited',
        'unavailable',
        'suites',
      ]);
      expect(line.failed).toBe(0);
      expect(line.passed).toBeGreaterThan(0);
    }
  });

  test('a folder with a broken backend: exit code 1, and the report says which op by how much', async () => {
    const { code, out } = await conform([
      '--backend',
      packageOf('scaled', scaled),
      '--only',
      'ops/exp/exp/1-to-35-rows',
      '--precision',
      'f64',
    ]);
    expect(code).toBe(1);
    expect(out).toContain('ops/exp/exp/1-to-35-rows');
    expect(out).toMatch(/output y is off by \S+; \S+ is allowed/);
  });

  test('a backend that is absent: exit code 1, reason and remedy', async () => {
    const absent = `probe: async () => ({ available: false, reason: 'no adapter.', remedy: 'Install a driver.' })`;
    const { code, out } = await conform([
      '--backend',
      packageOf('absent', absent),
      '--only',
      'ops/exp',
      '--precision',
      'f64',
    ]);
    expect(code).toBe(1);
    expect(out).toContain('absent did not run: no adapter. Install a driver.');
  });

  test('why a backend did not run does not disturb the lines of --json', async () => {
    const absent = `probe: async () => ({ available: false, reason: 'no adapter.', remedy: 'Install a driver.' })`;
    const own = packageOf('missing', absent);
    const { code, out, err } = await conform(['--backend', own, '--only', 'ops/exp', '--precision', 'f64', '--json']);
    expect(code).toBe(1);
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({ backend: 'missing', passed: 0 });
    expect(err).toContain('missing f64 did not run: no adapter. Install a driver.');
  });

  test('a backend of one precision passes, unless the other one is asked for', async () => {
    const run = ['--backend', packageOf('single', single), '--only', 'ops/exp/exp/0-rows'];
    const both = await conform(run);
    expect(both.out).toContain('single computes in f32, not in f64.');
    expect(both.out).toContain('single f32: 1 passed, 0 failed');
    expect(both.code).toBe(0);
    expect((await conform([...run, '--precision', 'f64'])).code).toBe(1);
  });

  test('one named backend that is absent fails the run, though another one passes', async () => {
    const absent = `probe: async () => ({ available: false, reason: 'no adapter.' })`;
    const names = `reference,${packageOf('gone', absent)}`;
    const { code, out } = await conform(['--backend', names, '--only', 'ops/exp/exp/0-rows', '--precision', 'f64']);
    expect(out).toContain('reference f64: 1 passed, 0 failed');
    expect(code).toBe(1);
  });

  test('limitations that a package exports count, and one that passes fails the run', async () => {
    const limitations = `export const limitations = [{ check: 'ops/exp', reason: 'coarse', cause: 'engine', since: '1' }];`;
    const run = ['--only', 'ops/exp/exp/1-to-35-rows', '--precision', 'f64'];
    const limited = await conform(['--backend', packageOf('coarse', scaled, limitations), ...run]);
    expect(limited.out).toContain('0 passed, 0 failed, 1 limited');
    expect(limited.code).toBe(0);
    const mended = await conform(['--backend', packageOf('mended', '', limitations), ...run]);
    expect(mended.out).toContain('listed as a limitation (coarse), but it passes. Delete the entry ops/exp.');
    expect(mended.code).toBe(1);
  });

  test('a package may have nested conditions and other functions, even some that throw', async () => {
    const doors = { '.': { browser: './none.js', node: { types: './index.d.ts', import: './entry.js' } } };
    const beside = `export function helper() { throw new Error('not for you'); }
      export async function other() { throw new Error('nor this'); }`;
    const own = packageOf('nested', '', beside, doors);
    renameSync(join(own, 'index.js'), join(own, 'entry.js'));
    const { code, out } = await conform(['--backend', own, '--only', 'ops/exp/exp/0-rows', '--precision', 'f64']);
    expect(out).toContain('nested f64: 1 passed, 0 failed');
    expect(code).toBe(0);
  });

  test('a module that cannot be loaded is an error without a stack', async () => {
    const own = packageOf('broken', '', 'export function (');
    const { code, err } = await conform(['--backend', own, '--only', 'ops/exp']);
    expect(code).toBe(1);
    expect(err).toContain('cannot be loaded: SyntaxError');
    expect(err).not.toContain('    at ');
    const nothing = join(folder, 'nothing.mjs');
    writeFileSync(nothing, 'export const make = () => { throw new Error("no engine"); };');
    const { err: why } = await conform(['--backend', nothing, '--only', 'ops/exp']);
    expect(why).toMatch(/exports 0 functions .* expected one\..* make\(\) throws: Error: no engine/);
  });

  test('a backend whose probe throws is reported as that', async () => {
    const throwing = `probe: () => Promise.reject(new Error('no such symbol'))`;
    const { code, out } = await conform([
      '--backend',
      packageOf('throwing', throwing),
      '--only',
      'contract/probe',
      '--precision',
      'f64',
    ]);
    expect(code).toBe(1);
    expect(out).toContain('contract/probe/resolves');
    expect(out).toContain('no such symbol');
  });

  test('--output keeps the reports, --list prints paths and runs nothing', async () => {
    const file = join(folder, 'reports.json');
    await conform(['--backend', 'reference', '--precision', 'f64', '--only', 'ops/add', '--output', file]);
    const [report] = JSON.parse(readFileSync(file, 'utf8')) as Report[];
    expect(report).toMatchObject({ backend: 'reference', contract: 2, precision: 'f64', failed: 0, only: ['ops/add'] });
    const { out } = await conform(['--list', '--only', 'physics/rotation']);
    expect(out.trim().split('\n')).toContain('physics/rotation/A');
  });

  test('an unknown backend, path or folder of fixtures is an error that says what is possible', async () => {
    const backend = await conform(['--backend', 'nope']);
    expect(backend.code).toBe(1);
    expect(backend.err).toMatch(/Known: reference, wasm, typed-arrays, .*gpujs, webgpu\. Or give a folder/);
    const path = await conform(['--only', 'opps']);
    expect(path.code).toBe(1);
    expect(path.err).toContain('no case matches opps. A path starts with a suite (contract, ops,');
    const fixtures = await conform(['--only', 'ops/add'], join(folder, 'nowhere'));
    expect(fixtures.code).toBe(1);
    expect(fixtures.err).toContain('there is no folder models in it');
    const empty = await conform(['--backend', 'reference,', '--only', 'ops/exp']);
    expect(empty.code).toBe(1);
    expect(empty.err).toContain('(an empty name): there is no such backend. Known: reference, wasm, typed-arrays,');
    const without = await conform(['--list', '--only', 'golden/A-molecule']);
    expect(without.err).toContain('MACE_FIXTURES are skipped');
  });

  test.each([
    [['--only', ''], '--only: the path is empty'],
    [['--only', 'ops/exp', '--timeout', 'soon'], '--timeout "soon": expected a number above 0'],
    [['--only', 'ops/exp', '--timeout', '0'], '--timeout "0": expected a number above 0'],
    [['--only', 'ops/exp', '--output', 'nowhere/reports.json'], 'there is no folder nowhere'],
  ])('%j is refused before anything runs', async (args, message) => {
    const { code, out, err } = await conform(['--backend', 'reference', '--precision', 'f64', ...args]);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(message);
  });
});
