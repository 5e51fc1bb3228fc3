// The service of docs/using/in-a-service.md, made in an empty folder as its Dockerfile makes it, line by line and without Docker: it
// answers for its health while a batch is computed, and gives the energies of a calculator here. Skipped where npm cannot install.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { wasm } from '@mace/backend-wasm';
import { createCalculator } from '@mace/core';
import { readStructures } from '@mace/io';
import { readModel } from '@mace/models/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeBlocks, commands } from './support/code-blocks.js';
import { offlineError } from './support/packed.js';
import { node, read, root } from './support/workspace.js';

const blocks = codeBlocks(read('docs/using/in-a-service.md'));
const block = (name: string): string => blocks.find(({ comment = '' }) => comment.startsWith(`is ${name},`))!.code;
const instructions = block('Dockerfile')
  .split('\n')
  .map((line) => /^([A-Z]+) (.*)$/.exec(line)!.slice(1) as [name: string, rest: string]);
const environment = Object.fromEntries(
  instructions
    .filter(([name]) => name === 'ENV')
    .flatMap(([, rest]) => rest.split(' ').map((pair) => pair.split('=') as [string, string])),
);

let folder = '';
let app = '';
let unreachable: string | undefined;
let server: ChildProcess | undefined;
let env: NodeJS.ProcessEnv = {};
let address = '';
/** Status of its health at once, long before its worker has compiled anything. */
let atFirst = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mace service '));
  const [, ...names] = commands(blocks.find(({ code }) => code.startsWith('npm run pack'))!.code)[0]!.split(' FOLDER ');
  const packed = node([join(root, 'scripts', 'pack.mjs'), folder, ...names.join(' ').split(' ')]);
  expect(packed.code, packed.stderr).toBe(0);
  // An image has it in another place.
  expect(readFileSync(join(folder, 'package.json'), 'utf8')).not.toContain(folder);
  app = join(folder, 'image');
  mkdirSync(app);
  for (const name of ['server.mjs', 'worker.mjs']) writeFileSync(join(folder, name), block(name));
  for (const [name, rest] of instructions) {
    const words = rest.split(' ');
    const to = join(app, words.at(-1)!);
    if (name === 'COPY')
      for (const from of words.slice(0, -1))
        cpSync(join(folder, from), words.at(-1) === './' ? join(app, from) : to, { recursive: true });
    if (name !== 'RUN') continue;
    const run = spawnSync(rest, { cwd: app, shell: true, encoding: 'utf8' });
    if (run.status !== 0) unreachable = offlineError.exec(run.stderr)?.[0];
    if (run.status !== 0 && !unreachable) throw new Error(run.stderr);
  }
  if (unreachable) return;
  // A port that is free, in place of the one of the container.
  env = { ...process.env, ...environment, PORT: '0' };
  const [program, ...args] = JSON.parse(instructions.find(([name]) => name === 'CMD')![1]) as string[];
  server = spawn(program!, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string];
  env['PORT'] = /^port (\d+)$/.exec(line)![1]!;
  address = `http://localhost:${env['PORT']}`;
  atFirst = (await health()).status;
});

afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const health = async (): Promise<{ status: number; waiting: number }> => {
  const response = await fetch(`${address}/health`);
  return { status: response.status, waiting: ((await response.json()) as { waiting: number }).waiting };
};

it('is healthy once it can compute, as its HEALTHCHECK says', async (context) => {
  if (unreachable) context.skip(`npm cannot install: ${unreachable}`);
  expect(atFirst).toBe(503);
  const check = instructions.find(([name]) => name === 'HEALTHCHECK')![1].replace(/^CMD /, '');
  const isHealthy = (): boolean => spawnSync(check, { shell: true, env }).status === 0;
  while ((await health()).status !== 200) await sleep(50);
  expect(isHealthy()).toBe(true);
});

it('answers for its health while a batch is computed, and gives the energies of a calculator', async (context) => {
  if (unreachable) context.skip(`npm cannot install: ${unreachable}`);
  const one = readFileSync(join(root, 'packages', 'models', 'bundled', 'structures', 'ethanol-water.xyz'), 'utf8');
  let isDone = false;
  const asked = fetch(address, { method: 'POST', body: one.repeat(100) }).then(async (response) => {
    isDone = true;
    return (await response.json()) as { energy: number }[];
  });
  let meanwhile = 0;
  while (!isDone) if ((await health()).waiting === 1 && !isDone) meanwhile++;
  expect(meanwhile).toBeGreaterThan(10);
  const results = await asked;
  const calculator = await createCalculator({
    model: await readModel('bundled'),
    backend: wasm({ threads: 1 }),
    precision: 'f32',
    tables: true,
  });
  const { energy } = await calculator.evaluate(readStructures(one, { format: 'extxyz' })[0]!);
  await calculator.dispose();
  expect(results).toHaveLength(100);
  expect(results.every((result) => result.energy === energy)).toBe(true);
});

it('says which errors are the caller’s, and goes on', async (context) => {
  if (unreachable) context.skip(`npm cannot install: ${unreachable}`);
  const post = async (body: string): Promise<[number, string]> => {
    const response = await fetch(address, { method: 'POST', body });
    return [response.status, await response.text()];
  };
  expect(await post('1\n\nFe 0 0 0\n')).toEqual([422, expect.stringContaining('Fe')]);
  expect(await post('nothing')).toEqual([400, expect.stringContaining('error')]);
  expect(await post('2\n\nH 0 0 0\nH 0 0 0.74\n')).toEqual([200, expect.stringContaining('energy')]);
});

it('ends by the signal that `docker stop` sends', async (context) => {
  if (unreachable) context.skip(`npm cannot install: ${unreachable}`);
  server!.kill('SIGTERM');
  expect(await once(server!, 'exit')).toEqual([0, null]);
});
