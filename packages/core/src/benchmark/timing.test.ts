/** How runs are repeated: until they settle, then as often as asked. The clock is a false one, so no other program moves it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { median, timed } from './timing.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Times runs of so many milliseconds. */
async function timedRuns(
  milliseconds: (run: number) => number,
  repeat: number,
): Promise<{ runs: number; seconds: number[] }> {
  let runs = 0;
  const work = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds(runs++)));
  const done = timed(work, repeat);
  await vi.advanceTimersByTimeAsync(60_000);
  return { seconds: await done, runs };
}

test('as many seconds as asked; short runs warm up for half a second, as engines still compile', async () => {
  const { runs, seconds } = await timedRuns(() => 10, 4);
  expect(seconds).toEqual([0.01, 0.01, 0.01, 0.01].map((second) => expect.closeTo(second, 9)));
  expect(runs).toBe(50 + 4);
});

test('long runs that settle warm up twice', async () => {
  expect((await timedRuns(() => 400, 1)).runs).toBe(3);
});

test('runs that never settle warm up five times', async () => {
  expect((await timedRuns((run) => 20 * 2 ** run, 1)).runs).toBe(6);
});

test('every run is told of, with whether it counts', async () => {
  const told: string[] = [];
  const work = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));
  const done = timed(work, 2, ({ phase, seconds }) => told.push(`${phase} ${seconds.toFixed(1)}`));
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
  expect(told).toEqual(['warm-up 0.4', 'warm-up 0.4', 'timed 0.4', 'timed 0.4']);
});

test('median', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
