// What the playground can go back to: the last hundred structures, fewer where they are large.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { redo, show, undo } from '../apps/playground/src/actions/show.js';
import { future, past, shown } from '../apps/playground/src/state.js';

/** Nothing computes them here: no model is open. */
const atomsOf = (count: number): Structure => ({
  numbers: new Int32Array(count).fill(1),
  positions: new Float64Array(3 * count),
  cell: null,
  pbc: [false, false, false],
  info: {},
  arrays: {},
});
const showMany = (times: number, atoms: number): void => {
  for (let i = 0; i < times; i++) show({ name: String(i), structure: atomsOf(atoms) });
};

describe('the history of the playground', () => {
  beforeEach(() => {
    past.value = [];
    future.value = [];
    shown.value = null;
  });

  it.each([
    ['small ones: a hundred', 120, 3, 100],
    ['large ones: a million atoms', 30, 90_000, 11],
    ['one that is larger than that: none', 2, 1_000_001, 0],
  ])('%s', (_, times, atoms, kept) => {
    showMany(times, atoms);
    expect(past.value.length).toBe(kept);
  });

  it('goes back and forth to the same structures', () => {
    showMany(3, 2);
    undo();
    undo();
    expect(shown.value?.name).toBe('0');
    redo();
    expect([shown.value?.name, past.value.length, future.value.length]).toEqual(['1', 1, 1]);
  });
});
