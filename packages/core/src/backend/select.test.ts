import { describe, expect, test } from 'vitest';
import { reference } from '../reference/index.js';
import type { Backend, BackendDefinition } from './contract.js';
import { selectBackend, type Considered } from './select.js';

const sound = reference();

function definition(name: string, parts: Partial<BackendDefinition>): BackendDefinition {
  return { ...sound, name, ...parts };
}

const absent = definition('gpu', {
  probe: async () => ({ available: false, reason: 'no adapter.', remedy: 'Install a driver.' }),
});
const throwing = definition('broken', { probe: () => Promise.reject(new Error('no such symbol')) });
const single = definition('single', {
  probe: async () => {
    const availability = await sound.probe();
    if (!availability.available) throw new Error('the reference is always there');
    return { ...availability, capabilities: { ...availability.capabilities, precisions: ['f32'] } };
  },
});

describe('selectBackend', () => {
  test('takes the first that is there and fits, and says why not the others', async () => {
    const lines: Considered[] = [];
    const backend: Backend = await selectBackend([absent, throwing, single, sound], {
      precision: 'f64',
      onConsidered: (considered) => lines.push(considered),
    });
    expect(backend.name).toBe('reference');
    expect(lines).toEqual([
      { name: 'gpu', taken: false, reason: 'no adapter.', remedy: 'Install a driver.' },
      { name: 'broken', taken: false, reason: 'its probe failed, which it must not: no such symbol' },
      { name: 'single', taken: false, reason: 'it computes in f32; f64 was asked for.' },
      { name: 'reference', taken: true, reason: 'JavaScript, one thread' },
    ]);
    await backend.dispose();
  });

  test('goes on when the one that it took cannot be created', async () => {
    const lost = definition('lost', { create: () => Promise.reject(new Error('device lost')) });
    const lines: Considered[] = [];
    const backend = await selectBackend([lost, sound], { onConsidered: (considered) => lines.push(considered) });
    expect(backend.name).toBe('reference');
    expect(lines[0]).toEqual({ name: 'lost', taken: false, reason: 'create failed: device lost' });
    await backend.dispose();
  });

  test('names every reason and remedy when nothing is left', async () => {
    const other = definition('old', { contract: 1 as unknown as 2 });
    await expect(selectBackend([absent, other])).rejects.toThrow(
      'none of the 2 backends can be used:\n  gpu: no adapter. Install a driver.\n  old: it follows contract 1; this version knows contract 2. Install versions that belong together.',
    );
    await expect(selectBackend([])).rejects.toThrow('an empty list');
  });
});
