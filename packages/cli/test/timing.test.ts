/** How runs are repeated: until they settle, then as often as asked. */
import { expect, test } from 'vitest';
import { median, timed } from '../src/timing.js';

test('as many seconds as asked, after at least two and at most five runs to warm up', async () => {
  let runs = 0;
  const seconds = await timed(async () => runs++, 4);
  expect(seconds).toHaveLength(4);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
  expect(runs).toBeGreaterThanOrEqual(4 + 2);
  expect(runs).toBeLessThanOrEqual(4 + 5);
});

test('runs that never settle warm up five times', async () => {
  let runs = 0;
  const slower = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4 * 2 ** runs++));
  await timed(slower, 1);
  expect(runs).toBe(6);
});

test('median', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
