/** The progress bar as a terminal gets it: one structure is no structures. */
import { afterEach, expect, test, vi } from 'vitest';
import { progressBar } from '../src/progress.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What a terminal gets while `counts` are reached, from the second second on. */
function shown(counts: readonly number[], total?: number): string {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  const wasTerminal = process.stderr.isTTY;
  process.stderr.isTTY = true;
  let text = '';
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((piece) => Boolean((text += String(piece))));
  try {
    const bar = progressBar('evaluating', false, () => undefined, ['structure', 'structures'], total);
    for (const count of counts) {
      vi.advanceTimersByTime(1500);
      bar.update(count);
    }
    bar.stop();
  } finally {
    process.stderr.isTTY = wasTerminal;
  }
  expect(write).toHaveBeenCalled();
  return text;
}

test('one structure, and then several', () => {
  const text = shown([1, 2]);
  expect(text).toContain('evaluating 1 structure,');
  expect(text).not.toContain('1 structures');
  expect(shown([2])).toContain('evaluating 2 structures,');
});

test('of a known number, the number of all decides', () => {
  expect(shown([1], 3)).toContain('1 of 3 structures,');
  expect(shown([1], 1)).toContain('1 of 1 structure,');
});
