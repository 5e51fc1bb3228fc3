/** `mace eval` that was stopped: the same bytes in the end, and nothing computed twice. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { killedUntilDone } from './testing/killed.js';
import { bundled, file, folder, jsonLines, mace } from './testing/run.js';

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
/** Each with a name of its own: of equal ones a single result is kept. */
const copies = (name: string, count: number): string =>
  Array.from({ length: count }, (_, i) =>
    readFileSync(bundled(name), 'utf8').replace(/\n(.*)\n/, `\n$1 copy=${i}\n`),
  ).join('');
let alone = '';
beforeAll(async () => {
  file('many.xyz', copies('caffeine.xyz', 20) + copies('ice.xyz', 10));
  expect((await mace('eval', 'many.xyz', '--output', 'alone.xyz', '--resume')).code).toBe(0);
  alone = read('alone.xyz');
});

describe('a run that was stopped', () => {
  test('goes on to the same bytes, killed at random moments', async () => {
    const args = ['eval', 'many.xyz', '--output', 'killed.xyz', '--resume', '--batch-size', '3'];
    const kills = 3;
    expect(
      await killedUntilDone(args, 'killed.xyz.partial', { random: seededRandom(5), bytes: alone.length, kills }),
    ).toBe(kills);
    expect(read('killed.xyz')).toBe(alone);
    expect(existsSync(join(folder, 'killed.xyz.partial'))).toBe(false);
  });

  test('says how many are of the run before, and compares labels of all', async () => {
    writeFileSync(join(folder, 'half.xyz.partial'), alone.slice(0, alone.length / 2));
    file('labelled.xyz', alone);
    const whole = await mace('eval', 'many.xyz', '--output', 'again.xyz', '--resume');
    const half = await mace('eval', 'many.xyz', '--output', 'half.xyz', '--resume');
    const timeless = (text: string): string => text.replace(/ in [\d.]+ s;/g, '').replace(/again|half/g, 'FILE');
    expect(half.out).toMatch(/\d+ of them are of the run before/);
    expect(timeless(half.out).replace(/.*of the run before\n/, '')).toBe(timeless(whole.out));
    expect(read('half.xyz')).toBe(alone);
  });

  test('results are those without --resume, but for what says where they are from', async () => {
    await mace('eval', 'many.xyz', '--output', 'plain.xyz');
    expect(alone.replace(/ MACE_settings="[^"]*" MACE_input=sha256:[0-9a-f]{64}/g, '')).toBe(read('plain.xyz'));
  });
});

test('shards together are the whole', async () => {
  const parts = [];
  for (const part of ['1/2', '2/2'])
    parts.push(...jsonLines((await mace('eval', 'many.xyz', '--json', '--shard', part)).out));
  const whole = jsonLines((await mace('eval', 'many.xyz', '--json')).out);
  expect(parts.sort((a, b) => Number(a.index) - Number(b.index))).toEqual(whole);
});

test.each([
  [['--resume'], 'Add --output FILE'],
  [['--resume', '--output', 'a.xyz', '--json'], 'Leave out one of the two'],
])('%j is refused', async (options, text) => {
  const { code, err } = await mace('eval', 'many.xyz', ...options);
  expect(code).toBe(1);
  expect(err).toContain(text);
});
