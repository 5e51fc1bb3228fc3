/** The gate of a run: structures whose fast numbers are too far from the exact ones stop, or go on exactly. */
import { describe, expect, it } from 'vitest';
import type { Calculator } from '@mace/core';
import { MemoryStorage } from '@mace/io';
import type { Guard } from '../guards/guard.js';
import { calculatorOf } from '../testing/calculator.js';
import { atomsOf, chain } from '../testing/potentials.js';
import { all, ended, one, text } from '../testing/runs.js';
import { readLog } from './log.js';

describe('the gate', () => {
  /** The chain, with forces that are wrong by a part. */
  const off = (part: number): Calculator =>
    calculatorOf((x, forces, ...others) => {
      const energy = chain(x, forces, ...others);
      forces.forEach((force, i) => (forces[i] = force * (1 + part)));
      return energy;
    });
  const exact = calculatorOf(chain);

  it('lets pass what is near, and notes how near', async () => {
    const storage = new MemoryStorage();
    await all(one, { storage, gate: { calculator: exact, frames: 3 } }, off(1e-5));
    const noted = readLog(text(storage, 'gate.csv'));
    expect([...noted['step']!]).toEqual([0, 10, 20]);
    expect(Math.max(...noted['forces']!)).toBeGreaterThan(1e-6);
    expect(JSON.parse(text(storage, 'summary.json'))).toMatchObject({ gate: { frames: 3, wentOnExactly: false } });
  });

  it('ends what is far', async () => {
    const run = ended(one, { gate: { calculator: exact } }, off(1e-2));
    await expect(run).rejects.toThrow(/step 0: the fast calculation is too far .* eV\/Å in a force \(limit 0\.0005\)/);
  });

  it.each([
    ['at the first of its frames', 20],
    ['at its last', 1],
  ])('of several stops those that are far, one after the other, %s, and the others go on', async (_, frames) => {
    const storage = new MemoryStorage();
    const structures = [6, 6, 8, 8].map((number, i) => atomsOf(number, i === 0 ? 3 : 2, (k) => k / 9));
    // Of the first alone, which is the largest.
    const wrong = calculatorOf((x, forces, ...others) => {
      const energy = chain(x, forces, ...others);
      if (x.length === 9) forces.forEach((force, i) => (forces[i] = force * 1.01));
      return energy;
    });
    const events = await all(structures, { storage, gate: { calculator: exact, frames } }, wrong);
    const stopped = events.filter((one) => 'error' in one);
    expect(stopped.map(({ index }) => index)).toEqual([0]);
    expect(String((stopped[0] as { error: Error }).error)).toMatch(
      /structure 0, step 0: the fast calculation is too far/,
    );
    const looked = [...storage.files.keys()].filter((name) => name.endsWith('gate.csv')).sort();
    expect(looked).toEqual(['0001/gate.csv', '0002/gate.csv', '0003/gate.csv']);
    expect(storage.files.has('0004/final.xyz')).toBe(true);
  });

  it('is asked after the guards, and may be another after a restart', async () => {
    const storage = new MemoryStorage();
    const structures = [one, atomsOf(6, 3, (i) => i / 9)];
    const guards: Guard[] = [({ start, step }) => (start.numbers.length === 4 && step === 0 ? 'no' : null)];
    const options = { storage, guards, gate: { calculator: exact } };
    const events = await all(structures, { ...options, steps: 20 }, off(1e-6));
    expect(events.filter((event) => 'error' in event)).toHaveLength(1);
    expect(storage.files.has('0002/gate.csv')).toBe(true);
    const more = { storage, guards, restart: true } as const;
    await expect(
      ended(structures, { ...more, gate: { calculator: exact, otherwise: 'exact' } }, off(1e-6)),
    ).resolves.toBe('ended');
  });

  it('goes on exactly where that is asked for, after a restart too', async () => {
    const [storage, alone] = [new MemoryStorage(), new MemoryStorage()];
    const options = { gate: { calculator: exact, otherwise: 'exact' } } as const;
    await all(one, { storage, ...options, steps: 20 }, off(1e-2));
    await all(one, { storage, ...options, restart: true }, off(1e-2));
    await all(one, { storage: alone });
    expect(text(storage, 'final.xyz')).toBe(text(alone, 'final.xyz'));
    expect(readLog(text(storage, 'gate.csv'))['step']!.length).toBe(1);
  });

  it('what another calculator finds for the energy is no drift', async () => {
    const higher = calculatorOf((...given) => chain(...given) + 10);
    const options = { gate: { calculator: exact, otherwise: 'exact' }, limits: { drift: 0.1 } } as const;
    await expect(ended(one, options, higher)).resolves.toBe('ended');
  });

  it('looks at the first of each set of elements', async () => {
    const storage = new MemoryStorage();
    const structures = [6, 6, 8, 8, 6].map((number) => atomsOf(number, 2, (i) => i / 6));
    await all(structures, { storage, gate: { calculator: exact } }, off(1e-6));
    const names = [...storage.files.keys()].filter((name) => name.endsWith('gate.csv')).sort();
    expect(names).toEqual(['0001/gate.csv', '0003/gate.csv']);
  });
});
