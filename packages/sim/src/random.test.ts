/** Random numbers: the published answers, their distributions, and that none depends on others. */
import { describe, expect, test } from 'vitest';
import { philox, purpose, RandomStream } from './random.js';

// kat_vectors of Random123 1.14, philox4x32 with 10 rounds.
test.each([
  [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [new Array<number>(4).fill(0xffffffff), [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
])('Philox of %j', (counter, [k0, k1], wanted) => {
  const words = Uint32Array.from(counter);
  philox(words, k0!, k1!);
  expect([...words].map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(wanted);
});

describe('normal numbers', () => {
  const count = 60_000;
  const stream = new RandomStream(7, 3);
  const all = Array.from({ length: count }, (_, i) => [
    ...stream.normal(new Float64Array(3), Math.floor(i / 100), i % 100, purpose.thermostat),
  ]).flat();

  test('have the moments of their distribution, within five standard errors', () => {
    const moment = (power: number): number => all.reduce((sum, x) => sum + x ** power, 0) / all.length;
    const n = Math.sqrt(all.length);
    expect(Math.abs(moment(1))).toBeLessThan(5 / n);
    expect(Math.abs(moment(2) - 1)).toBeLessThan((5 * Math.SQRT2) / n);
    expect(Math.abs(moment(3))).toBeLessThan((5 * Math.sqrt(15)) / n);
    expect(Math.abs(moment(4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / n);
    expect(all.reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeGreaterThan(3.8);
  });

  test('of neighbors in step, atom, structure, seed and purpose have nothing to do with each other', () => {
    const drawn = (seed: number, structure: number, step: number, atom: number, use: 1 | 2): number =>
      new RandomStream(seed, structure).normal(new Float64Array(1), step, atom, use)[0]!;
    const pairs: [string, (i: number) => number][] = [
      ['step', (i) => drawn(1, 0, i + 1, 0, 1)],
      ['atom', (i) => drawn(1, 0, i, 1, 1)],
      ['structure', (i) => drawn(1, 1, i, 0, 1)],
      ['seed', (i) => drawn(2, 0, i, 0, 1)],
      ['upper half of the seed', (i) => drawn(1 + 2 ** 32, 0, i, 0, 1)],
      ['purpose', (i) => drawn(1, 0, i, 0, 2)],
    ];
    for (const [name, other] of pairs) {
      let sum = 0;
      for (let i = 0; i < 10_000; i++) sum += drawn(1, 0, i, 0, 1) * other(i);
      expect(Math.abs(sum) / 10_000, name).toBeLessThan(5 / 100);
    }
  });
});

test('seeds and numbers of structures that are none are refused', () => {
  for (const bad of [-1, 0.5, NaN, 2 ** 53]) {
    expect(() => new RandomStream(bad, 0)).toThrow(/seed is/);
    expect(() => new RandomStream(0, bad)).toThrow(/structure is/);
  }
});
