/** Repeated runs of the same work: warm-up until times settle, then seconds of each run. */

/**
 * Before the runs that count: as few as give two in a row within 5 %, and at most so many, but so many seconds of them at least, as
 * engines compile in the background what runs often, and the kernels of a small structure soon run often.
 */
const mostWarmUpRuns = 5;
const settled = 0.05;
const leastWarmUpSeconds = 0.5;

/** One run: whether it counts, and what it took. */
export interface TimedRun {
  readonly phase: 'warm-up' | 'timed';
  /** s */
  readonly seconds: number;
}

/** Seconds of `repeat` runs of `work`, after it has warmed up. @param onRun - told of every run, the very first, which compiles, among them */
export async function timed(
  work: () => Promise<unknown>,
  repeat: number,
  onRun: (run: TimedRun) => void = () => {},
): Promise<number[]> {
  let [before, spent] = [Infinity, 0];
  for (let run = 1; ; run++) {
    const now = await secondsOf(work);
    onRun({ phase: 'warm-up', seconds: now });
    const enough = run >= mostWarmUpRuns || Math.abs(now - before) < settled * Math.max(now, before);
    spent += now;
    if (enough && spent >= leastWarmUpSeconds) break;
    before = now;
  }
  const seconds: number[] = [];
  while (seconds.length < repeat) {
    const now = await secondsOf(work);
    seconds.push(now);
    onRun({ phase: 'timed', seconds: now });
  }
  return seconds;
}

/** The middle value, or the mean of the two middle ones; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = clock.performance.now();
  await work();
  return (clock.performance.now() - began) / 1000;
}

/** Every runtime has it, typed without the types of any. */
const clock = globalThis as unknown as { readonly performance: { now(): number } };
