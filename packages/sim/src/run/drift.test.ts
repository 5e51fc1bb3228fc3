/** The drift of a log whose numbers remember, and of one that is too short to have any. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '@mace/io';
import { normals } from '../testing/frames.js';
import { all, one, text } from '../testing/runs.js';
import { driftOf } from './drift.js';

describe('the drift', () => {
  it('has an error that is right where lines of the log remember each other', () => {
    const time = Float64Array.from({ length: 800 }, (_, i) => 10 * i);
    const found = Array.from({ length: 200 }, (_, run) => {
      const noise = normals(800, run);
      let state = 0;
      // Forgets in ten lines; on a slope of 1e-6 eV/fs, which of ten atoms is 100 meV/atom/ns.
      const conserved = time.map((t, i) => 1e-6 * t + 1e-3 * (state = 0.9 * state + noise[i]!));
      return driftOf({ time, conserved }, 10)!;
    });
    const mean = found.reduce((sum, { value }) => sum + value / 200, 0);
    const scatter = Math.sqrt(found.reduce((sum, { value }) => sum + (value - mean) ** 2 / 199, 0));
    const error = Math.sqrt(found.reduce((sum, one) => sum + one.error ** 2 / 200, 0));
    expect(Math.abs(mean - 100)).toBeLessThan((4 * scatter) / Math.sqrt(200));
    // A line through all numbers, as if they were independent, would have a fourth of it.
    expect(error / scatter).toBeGreaterThan(0.8);
    expect(error / scatter).toBeLessThan(1.2);
  });

  it('is left out of a summary where the second half of the run is too short', async () => {
    const summaryOf = async (steps: number, logEvery: number): Promise<Record<string, unknown>> => {
      const storage = new MemoryStorage();
      await all(one, { storage, steps, logEvery });
      return JSON.parse(text(storage, 'summary.json')) as Record<string, unknown>;
    };
    expect(await summaryOf(200, 1)).toMatchObject({ drift: null, driftError: null });
    expect(await summaryOf(4200, 420)).toMatchObject({ drift: null, driftError: null });
    const { drift, driftError } = await summaryOf(4200, 50);
    expect(Math.abs(drift as number)).toBeGreaterThan(0);
    expect(driftError).toBeGreaterThan(0);
  });
});
