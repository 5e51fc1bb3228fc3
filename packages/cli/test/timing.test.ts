/** How runs are repeated: until they settle, then as often as asked. */
import { expect, test } from 'vitest';
import { median, timed } from '../src/timing.js';

test('as many seconds as asked; short runs warm up for half a second, as engines still compile', async () => {
  let runs = 0;
  const began = performance.now();
  const short = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10, runs++));
  const seconds = await timed(short, 4);
  expect(seconds).toHaveLength(4);
  expect(Math.min(...seconds)).toBeGreaterThan(0.005);
  expect(performance.now() - began).toBeGreaterThanOrEqual(500);
  expect(runs).toBeLessThanOrEqual(4 + 51);
});

test('long runs that settle warm up twice', async () => {
  let runs = 0;
  const long = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400, runs++));
  await timed(long, 1);
  expect(runs).toBe(3);
});

test('runs that never settle warm up five times', async () => {
  let runs = 0;
  const slower = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20 * 2 ** runs++));
  await timed(slower, 1);
  expect(runs).toBe(6);
});

test('median', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
