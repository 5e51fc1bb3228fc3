/** `mace conform` as a person or a program runs it. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** A package with a backend: the reference under another name, with something changed. */
function packageOf(name: string, change: string): string {
  const own = join(folder, name);
  mkdirSync(own);
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name, type: 'module', exports: './index.js' }));
  writeFileSync(
    join(own, 'index.js'),
    `import { reference } from ${JSON.stringify(core)};
     export function own() {
       const sound = reference();
       return { ...sound, name: ${JSON.stringify(name)}, ${change} };
     }\n`,
  );
  return own;
}

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
      'ops/exp/exp/65-rows',
      '--precision',
      'f64',
    ]);
    expect(code).toBe(1);
    expect(out).toContain('ops/exp/exp/65-rows');
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
    expect(report).toMatchObject({ backend: 'reference', contract: 1, precision: 'f64', failed: 0, only: ['ops/add'] });
    const { out } = await conform(['--list', '--only', 'physics/rotation']);
    expect(out.trim().split('\n')).toContain('physics/rotation/A');
  });

  test('an unknown backend, path or folder of fixtures is an error that says what is possible', async () => {
    const backend = await conform(['--backend', 'nope']);
    expect(backend.code).toBe(1);
    expect(backend.err).toContain('Known: reference, typed-arrays. Or give a folder');
    const path = await conform(['--only', 'opps']);
    expect(path.code).toBe(1);
    expect(path.err).toContain('no case matches opps. A path starts with a suite (contract, ops,');
    const fixtures = await conform(['--only', 'ops/add'], join(folder, 'nowhere'));
    expect(fixtures.code).toBe(1);
    expect(fixtures.err).toContain('there is no folder models in it');
    const without = await conform(['--list', '--only', 'golden/A-molecule']);
    expect(without.err).toContain('MACE_FIXTURES are skipped');
  });
});
