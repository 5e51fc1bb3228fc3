/**
 * How long a calculator on one thread keeps everything else of that thread waiting: the longest time between two ticks of a timer of 1 ms
 * while 400 droplets of 9 to 21 atoms are evaluated (one `evaluateAll`; `evaluate` of all at once; one by one), and the time from an
 * `abort` to the end of what it cancels. Bundled model, float32, tables, wasm, after a warm-up.
 *
 *     npm run bench -- event-loop
 *
 * Prints a table beside the target, and writes `local/event-loop.json`. Other work on the machine lengthens both.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { wasm } from '../packages/backend-wasm/dist/index.js';
import { createCalculator, isMaceError } from '../packages/core/dist/index.js';
import { readModel } from '../packages/models/dist/node/index.js';
import { droplet } from './lib/systems.mjs';

const targetMs = 25;
const turns = 3;
/** Runs that are cancelled in each turn, at moments that are spread over a run. */
const cancelled = 8;

const molecules = Array.from({ length: 400 }, (_, i) => droplet(9 + (i % 13), i));
const model = await readModel('bundled');
const calculator = await createCalculator({ model, backend: wasm({ threads: 1 }), precision: 'f32', tables: true });

/** @type {Readonly<Record<string, (options: { cancellation?: AbortSignal }) => Promise<unknown>[]>>} */
const ways = {
  evaluateAll: (options) => [calculator.evaluateAll(molecules, options)],
  'evaluate, all at once': (options) => molecules.map((one) => calculator.evaluate(one, options)),
  'evaluate, one by one': (options) => [oneByOne(options)],
};

const rows = Object.keys(ways).map((way) => ({
  way,
  ms: Infinity,
  longestMs: 0,
  aborts: /** @type {number[]} */ ([]),
}));
for (const { way } of rows) await watched(() => settled(way, {}));
for (let turn = 1; turn <= turns; turn++) {
  for (const row of rows) {
    process.stderr.write(`turn ${turn} of ${turns}, ${row.way}\n`);
    const { ms, longestMs } = await watched(() => settled(row.way, {}));
    row.ms = Math.min(row.ms, ms);
    row.longestMs = Math.max(row.longestMs, longestMs);
    for (let i = 0; i < cancelled; i++)
      row.aborts.push(...(await abortedAfter(row.way, (0.8 * (i + 0.5) * row.ms) / cancelled)));
  }
}
await calculator.dispose();

const result = {
  benchmark: 'event-loop',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${calculator.device}`,
  loadAverage: loadavg()[0],
  molecules: molecules.length,
  turns,
  targetMs,
  rows,
};
writeFileSync(new URL('local/event-loop.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  `${result.device}; ${result.runtime}; load ${result.loadAverage?.toFixed(1)}; ${turns} turns; target ${targetMs} ms\n\n` +
    `${molecules.length} molecules by | ms, best | longest without a turn, ms | from abort to the end, ms: longest | median | of\n` +
    '--- | --- | --- | --- | --- | ---\n',
);
for (const { way, ms, longestMs, aborts } of rows) {
  const sorted = [...aborts].sort((a, b) => a - b);
  const [longest, median] = [sorted.at(-1) ?? NaN, sorted[sorted.length >> 1] ?? NaN];
  process.stdout.write(
    `${[way, ms.toFixed(0), against(longestMs), against(longest), median.toFixed(1), aborts.length].join(' | ')}\n`,
  );
}

/** @param {number} ms */
function against(ms) {
  return `${ms.toFixed(1)}${ms > targetMs ? ' (over)' : ''}`;
}

/** @param {{ cancellation?: AbortSignal }} options */
async function oneByOne(options) {
  for (const one of molecules) await calculator.evaluate(one, options);
}

/** How many calls were cancelled; what else goes wrong is thrown. @param {string} way @param {{ cancellation?: AbortSignal }} options */
async function settled(way, options) {
  const outcomes = await Promise.allSettled(ways[way]?.(options) ?? []);
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [/** @type {unknown} */ (one.reason)] : []));
  const other = errors.find((error) => !isMaceError(error) || error.code !== 'cancelled');
  if (other !== undefined) throw other;
  return errors.length;
}

/** @param {() => Promise<unknown>} work */
async function watched(work) {
  const began = performance.now();
  let [last, longestMs] = [began, 0];
  const tick = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  await work();
  tick();
  clearInterval(timer);
  return { ms: performance.now() - began, longestMs };
}

/**
 * From an abort, so long after the start, to where every call has ended, ms; nothing of a run that was faster.
 * @param {string} way
 * @param {number} delay
 * @returns {Promise<number[]>}
 */
async function abortedAfter(way, delay) {
  const controller = new AbortController();
  const running = settled(way, { cancellation: controller.signal });
  await after(delay);
  const began = performance.now();
  controller.abort();
  const calls = await running;
  return calls > 0 ? [performance.now() - began] : [];
}
