// A calculator in a real worker, on the built packages: while its first call plans and compiles there, a timer here ticks on. In one
// thread the same call holds the timer. And what becomes of calls when a worker ends, in Node and in a page.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, DeviceError, DisposedError, type Calculator, type Result } from '@mace/core';
import { connectCalculator, disconnectCalculators } from '@mace/core/worker';
import { readStructures } from '@mace/io';
import { readModel } from '@mace/models/node';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';
import { codeBlocks } from './support/code-blocks.js';
import { node, read, root } from './support/workspace.js';

/** A block of docs/using/in-a-service.md, with the built packages in place of installed ones. */
function program(name: string): string {
  const blocks = codeBlocks(read('docs/using/in-a-service.md'));
  const { code } = blocks.find(({ comment = '' }) => comment.startsWith(`is ${name},`))!;
  const built = (_: string, name: string, entry = ''): string =>
    `'${pathToFileURL(join(root, 'packages', name, 'dist', entry, 'index.js')).href}'`;
  return code.replaceAll(/'@mace\/([a-z-]+)(\/[a-z]+)?'/g, built);
}

let folder = '';
let worker: Worker;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mace worker '));
  for (const name of ['engine.mjs', 'main.mjs']) writeFileSync(join(folder, name), program(name));
  // Without the conditions of the test runner, which name sources.
  worker = new Worker(join(folder, 'engine.mjs'), { execArgv: [] });
});

afterAll(async () => {
  await worker.terminate();
  rmSync(folder, { recursive: true, force: true });
});

/** What some work gives, how long it took, and the longest time between two ticks of a timer of 1 ms meanwhile, ms. */
async function watched<T>(work: () => Promise<T>): Promise<{ value: T; took: number; gap: number }> {
  const start = performance.now();
  let [last, gap] = [start, 0];
  const tick = (): void => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  const value = await work();
  tick();
  clearInterval(timer);
  return { value, took: performance.now() - start, gap };
}

it('planning and compilation freeze nothing outside', async () => {
  const model = await readModel('bundled');
  const structures = readStructures(read('packages/models/bundled/structures/ethanol-water.xyz'), { format: 'extxyz' });
  const options = { model, precision: 'f32', tables: true } as const;
  const first = (calculator: Calculator): Promise<Result> => calculator.evaluate(structures[0]!);

  const there = await connectCalculator(worker, { ...options, backend: 'wasm' });
  const outside = await watched(() => first(there));
  const here = await createCalculator({ ...options, backend: wasm({ threads: 1 }) });
  const oneThread = await watched(() => first(here));
  const say = ({ took, gap }: typeof outside): string => `${took.toFixed(0)} ms, longest gap ${gap.toFixed(1)} ms`;
  console.log(`first evaluate in a worker: ${say(outside)}; in one thread: ${say(oneThread)}`);

  expect(outside.value).toEqual(oneThread.value);
  // One thread is held for most of the call; a busy machine alone may hold this one for a while.
  expect(outside.gap).toBeLessThan(Math.max(100, oneThread.gap / 4));
  await Promise.all([there.dispose(), here.dispose()]);
  expect(there.memory().liveBytes).toBe(here.memory().liveBytes);
});

it('the program of the guide computes, and ends', () => {
  const { code, stdout, stderr } = node([join(folder, 'main.mjs')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^-137\.9678\d* Float64Array\(9\)/);
});

const refusal = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

it('a call under way when its worker is terminated, or disconnected, is refused', async () => {
  const model = await readModel('bundled');
  const [structure] = readStructures(read('packages/models/bundled/structures/ice.xyz'), { format: 'extxyz' });
  const connected = async (): Promise<[Worker, Calculator]> => {
    const own = new Worker(join(folder, 'engine.mjs'), { execArgv: [] });
    return [own, await connectCalculator(own, { model, backend: 'wasm' })];
  };
  const [ended, lost] = await connected();
  const waiting = refusal(lost.evaluate(structure!));
  await ended.terminate();
  for (const error of [await waiting, await refusal(lost.evaluate(structure!))]) {
    expect(error).toBeInstanceOf(DeviceError);
    expect(error).toMatchObject({
      reason: 'lost',
      message: 'evaluateAll: the worker is lost: it ended with code 1. Start another one and connect to it.',
    });
  }
  await lost.dispose();

  const [own, calculator] = await connected();
  const under = refusal(calculator.evaluate(structure!));
  disconnectCalculators(own);
  for (const error of [await under, await refusal(calculator.peak())]) expect(error).toBeInstanceOf(DisposedError);
  await calculator.dispose();
  // Nobody ended it, so that it can be connected to again.
  const again = await connectCalculator(own, { model, backend: 'wasm' });
  expect((await again.evaluate(structure!)).atoms).toBe(48);
  await own.terminate();
});

it('a page is told that a worker was terminated, without a word by whoever did it', async (context) => {
  if (!findChromium() && process.env['MACE_REQUIRE_BROWSER'] !== '1') context.skip('no Chromium');
  await build({
    stdin: {
      contents: `import { serveCalculator } from '@mace/core/worker';
        import { reference } from '@mace/core';
        serveCalculator(self, { reference });`,
      resolveDir: root,
    },
    bundle: true,
    format: 'esm',
    outfile: join(folder, 'assets', 'worker.js'),
    logLevel: 'error',
  });
  const found = await runInPage(
    `import { connectCalculator, disconnectCalculators } from '@mace/core/worker';
    import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
    const model = deterministicModel(tinyModels.B.config);
    const said = (call) => call.then(() => 'computed', (error) => [error.name, error.reason, error.message].filter(Boolean));
    export const main = async () => {
      const make = async () => {
        const worker = new Worker('/assets/worker.js', { type: 'module' });
        return [worker, await connectCalculator(worker, { model, backend: 'reference' })];
      };
      const computed = (calculator) => said(calculator.evaluate(tinyStructure('crystal')));
      const [worker, calculator] = await make();
      const first = await computed(calculator);
      const waiting = computed(calculator);
      worker.terminate();
      const ended = [await waiting, await computed(calculator)];
      await calculator.dispose();
      const [other, second] = await make();
      const under = computed(second);
      disconnectCalculators(other);
      const disconnected = [await under, await computed(second)];
      other.terminate();
      return { first, ended, disconnected };
    };`,
    { assets: [join(folder, 'assets')], timeoutSeconds: 60 },
  );
  const lost = 'evaluateAll: the worker is lost: it has ended. Start another one and connect to it.';
  const disconnected = 'evaluateAll: the calculator was disconnected from its worker.';
  expect(found).toEqual({
    first: 'computed',
    ended: [lost, lost].map((message) => ['DeviceError', 'lost', message]),
    disconnected: [disconnected, disconnected].map((message) => ['DisposedError', message]),
  });
});
