/** The built command line, run in a folder that goes with the test file. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/mace.js', import.meta.url));
export const bundled = (name: string): string =>
  fileURLToPath(new URL(`../../../models/bundled/structures/${name}`, import.meta.url));
const oracle = new URL('../../../io/test/oracle/', import.meta.url);

export let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mace command line '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Colours are asked for by the test that reads them, whatever runs the tests. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _forced, NO_COLOR: _none, ...plain } = process.env;
  return plain;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function mace(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, ...args],
      { cwd: folder, env: plainEnvironment(), maxBuffer: 1 << 26 },
      (error, out, err) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
      },
    );
  });
}

/** A line of bash in the folder of this run; `mace` is the command line. */
export function bash(line: string): Promise<Ran> {
  const env = { ...plainEnvironment(), NODE: process.execPath, BIN: bin };
  const script = `mace() { "$NODE" "$BIN" "$@"; }; ${line}`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: folder, env, maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
    });
  });
}

/** The command line while it runs. */
export function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd: folder, env: plainEnvironment(), stdio: 'ignore' });
}

/** A random-weight model of mace-torch, unpacked into the folder of this run. */
export function oracleModel(name: string, kind = 'models'): string {
  const path = join(folder, `${name}.model`);
  writeFileSync(path, gunzipSync(readFileSync(new URL(`${kind}/${name}.model.gz`, oracle))));
  return path;
}

export function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
