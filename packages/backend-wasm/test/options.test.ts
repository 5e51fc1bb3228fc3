// Options that are wrong are refused where they are given, in words; those that are right make a backend.
import { expect, test } from 'vitest';
import { isMaceError } from '@mace/core';
import { wasm } from '@mace/backend-wasm';

const wrong: readonly (readonly [unknown, RegExp])[] = [
  ...[-1, 0, 1.5, 2.5, NaN, Infinity, '4', null, [2]].map(
    (threads) => [{ threads }, /^wasm: the option threads is .*Expected a whole number of at least 1\. /] as const,
  ),
  ...[0, -1, 1.5, NaN, 65_537, '8', null].map(
    (maximumPages) =>
      [{ maximumPages }, /the option maximumPages is .*Expected a whole number from 1 to 65536\. /] as const,
  ),
  ...[0, -1, 1.5, NaN, 'x', null].map(
    (atomsPerChunk) =>
      [{ atomsPerChunk }, /the option atomsPerChunk is .*Expected a whole number of at least 1\. /] as const,
  ),
  [{ relaxedSimd: 'no' }, /the option relaxedSimd is "no"\. Expected true or false/],
  [{ thread: 2 }, /there is no option thread\. Known: relaxedSimd, maximumPages, atomsPerChunk, threads\./],
  [null, /options are null\. Expected an object/],
  [4, /options are 4/],
  [[], /options are of type array/],
];

test.each(wrong)('%j is refused at the call', (options, message) => {
  let thrown: unknown;
  try {
    wasm(options as never);
  } catch (error) {
    thrown = error;
  }
  expect(isMaceError(thrown) && thrown.code).toBe('unsupported');
  expect(thrown).toMatchObject({ reason: 'option', message: expect.stringMatching(message) as string });
});

test.each([
  undefined,
  {},
  { threads: undefined },
  { threads: 1, maximumPages: 8, atomsPerChunk: 1, relaxedSimd: false },
])('%j makes a backend', async (options) => {
  const backend = await wasm(options as never).create();
  expect(backend.name).toBe('wasm');
  await backend.dispose();
});

test('threads beyond the most are said in the device', async () => {
  const deviceOf = async (threads: number): Promise<string> => {
    const found = await wasm({ threads }).probe();
    return found.available ? `${found.device}; ${found.capabilities.threads}` : found.reason;
  };
  expect(await deviceOf(5000)).toMatch(/, 64 threads \(5000 asked for, 64 is the most\); 64$/);
  expect(await deviceOf(64)).toMatch(/, 64 threads; 64$/);
  expect(await deviceOf(1)).toMatch(/, 1 thread; 1$/);
});
