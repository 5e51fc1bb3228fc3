/** How long energy and forces take, measured the same way on the command line and in a page. */
export { benchmark } from './benchmark.js';
export type { Benchmark, BenchmarkFigures, BenchmarkOptions } from './benchmark.js';
export { median, timed, type TimedRun } from './timing.js';
