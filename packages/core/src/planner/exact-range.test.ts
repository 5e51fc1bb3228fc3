import { describe, expect, it } from 'vitest';
import { intervalLength } from '../ir/index.js';
import { exactRange } from './exact-range.js';

const cutoffs = [3, 4.2, 5, 5.29177, 6, 12];
const sizes = [16, 24, 112, 448, 1792, 16384];

describe.each(cutoffs)('a range up to %d Å', (cutoff) => {
  it.each(sizes)('in %d intervals', (intervals) => {
    const [from, to] = exactRange([0.4, cutoff], intervals);
    const length = intervalLength({ range: [from, to], intervals });
    expect(from).toBeLessThanOrEqual(0.4);
    expect(from).toBeGreaterThan(0.4 - cutoff / 256 - 2 ** -16);
    expect(cutoff - to).toBeGreaterThanOrEqual(0);
    expect(cutoff - to).toBeLessThan(2 ** -16);
    for (const at of [0.401, 0.7, 1.0, 1.4142, 2.7, cutoff * 0.97].map(Math.fround)) {
      const interval = Math.floor((at - from) / length);
      const middle = Math.fround(Math.fround(interval + 0.5) * Math.fround(length));
      expect(Math.fround(Math.fround(at - Math.fround(from)) - middle)).toBe(at - (from + (interval + 0.5) * length));
    }
  });
});

it('stays as it is where it would start at nothing', () => {
  expect(exactRange([1e-6, 3], 16)).toEqual([1e-6, 3]);
});
