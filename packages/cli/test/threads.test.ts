/** As many threads as were asked for, or a word. */
import { afterEach, expect, test } from 'vitest';
import type { BackendDefinition } from '@mace/core';
import { findBackend } from '../src/backends/index.js';
import { withThreads } from '../src/threads.js';

const printed: string[] = [];
const machine = { atOnce: 16, say: (text: string) => void printed.push(text) };
afterEach(() => void (printed.length = 0));

const taking = (threads: number): BackendDefinition =>
  ({
    name: 'some',
    probe: async () => ({ available: true, device: '', capabilities: { threads } }),
  }) as unknown as BackendDefinition;

test('more than a backend takes are refused, with what the machine has', async () => {
  await expect(withThreads(taking(64), 5000, machine)).rejects.toThrow(
    '--threads 5000: some takes at most 64 here, and this machine runs 16 at once. Leave --threads out',
  );
  await expect(findBackend('wasm', { threads: 5000 })).rejects.toThrow(/^--threads 5000: wasm takes at most \d+ here/);
  expect(printed).toEqual([]);
});

test('more than the machine runs at once are said, others are not', async () => {
  const definition = taking(32);
  expect(await withThreads(definition, 32, machine)).toBe(definition);
  expect(printed.join('')).toContain('--threads 32: this machine runs 16 at once; more than these only wait');
  printed.length = 0;
  await withThreads(taking(16), 16, machine);
  expect(printed).toEqual([]);
});
