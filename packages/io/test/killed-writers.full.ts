/** A process that is really killed at each call of a writer in turn: a program of its own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'mace killed '));
afterAll(() => rmSync(folder, { recursive: true }));
const results = join(folder, 'results');
mkdirSync(results);
const path = join(results, 'a.xyz');
const older = 'what was there before\n';
const whole = 'a new line\n'.repeat(1000);

/** Writes `whole` in two pieces; SIGKILL before the call with the number that it is given. */
const program = `
import { openOutput } from './output.js';
import { realFiles } from './target.js';
let calls = 0;
const at = Number(process.argv[2]);
const deadly = (real) => new Proxy(real, {
  get: (target, name) => {
    const own = target[name];
    if (typeof own !== 'function') return own;
    return async (...args) => {
      if (calls++ === at) process.kill(process.pid, 'SIGKILL');
      const result = await own.apply(target, args);
      return name === 'open' ? deadly(result) : result;
    };
  },
});
const output = await openOutput(${JSON.stringify(path)}, undefined, deadly(realFiles));
const whole = ${JSON.stringify('a new line\n')}.repeat(1000);
await output.write(whole.slice(0, 5000));
await output.write(whole.slice(5000));
await output.close();
`;

const file = join(folder, 'program.mjs');
buildSync({
  stdin: { contents: program, resolveDir: fileURLToPath(new URL('../src/node/output', import.meta.url)) },
  bundle: true,
  format: 'esm',
  platform: 'node',
  conditions: ['@mace/source'],
  outfile: file,
});

const run = (at: number): NodeJS.Signals | null => spawnSync(process.execPath, [file, String(at)]).signal;

test.runIf(process.platform !== 'win32')('the old file or the whole new one; the next run sweeps', () => {
  const found: string[] = [];
  let at = 0;
  for (let left = 0; ; at++) {
    writeFileSync(path, older);
    const signal = run(at);
    const text = readFileSync(path, 'utf8');
    expect([older, whole], `killed at call ${at}`).toContain(text);
    found.push(text);
    // A run that is killed before it sweeps leaves what it found, any run at most one more.
    const temporaries = readdirSync(results).length - 1;
    expect(temporaries, `killed at call ${at}`).toBeLessThanOrEqual(left + 1);
    left = temporaries;
    if (signal === null) break;
  }
  expect(at).toBeGreaterThan(10);
  expect(new Set(found)).toEqual(new Set([older, whole]));
  expect(readdirSync(results)).toEqual(['a.xyz']);
});
