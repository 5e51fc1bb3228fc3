/**
 * What a second thread brings: energy + forces of 64 waters (medium, float32, tables) on one thread and on two, beside one copy and two
 * copies at once of a product of matrices, which share nothing. All in turns, so that a busy minute falls on both.
 *
 *     npm run bench -- scaling
 *
 * Prints both factors and their ratio, and writes `local/scaling.json`.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { createCalculator } from '../packages/core/dist/index.js';
import { GraphBuilder } from '../packages/core/dist/ir/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';
import { seededModel } from './lib/prepared.mjs';
import { waters } from './lib/systems.mjs';

const turns = 11;
const runsPerTurn = 6;
const warmUpRuns = 15;

if (isMainThread) await main();
else await serveProducts();

async function main() {
  const products = [openProducts(), openProducts()];
  const runs = await Promise.all([1, 2].map(openModel));
  for (const { run } of runs) for (let i = 0; i < warmUpRuns; i++) await run();
  await Promise.all(products.map((copy) => copy.seconds()));
  const [one, two] = /** @type {[typeof runs[0], typeof runs[0]]} */ (/** @type {unknown} */ (runs));
  const measured = [];
  for (let turn = 0; turn < turns; turn++) {
    process.stderr.write(`\rturn ${turn + 1} of ${turns}`);
    const alone = (await products[0]?.seconds()) ?? NaN;
    const ofOne = await best(one.run);
    const together = await Promise.all(products.map((copy) => copy.seconds()));
    const ofTwo = await best(two.run);
    measured.push({ copies: (2 * alone) / Math.max(...together), threads: ofOne / ofTwo });
  }
  process.stderr.write('\n');
  const result = {
    benchmark: 'scaling',
    date: new Date().toISOString().slice(0, 10),
    device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${two.device}`,
    turns: measured,
    copies: median(measured.map(({ copies }) => copies)),
    threads: median(measured.map(({ threads }) => threads)),
    ratio: median(measured.map(({ copies, threads }) => threads / copies)),
  };
  writeFileSync(new URL('local/scaling.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(
    `${result.device}; ${result.runtime}; medians of ${turns} turns\n\nwhat | times one\n--- | ---\n` +
      `two copies of a product of matrices | ${result.copies.toFixed(2)}\n` +
      `two threads on energy + forces | ${result.threads.toFixed(2)}\n` +
      `the second over the first | ${result.ratio.toFixed(3)}\n`,
  );
  for (const { close } of [...runs, ...products]) await close();
}

/** @param {number} threads */
async function openModel(threads) {
  const model = seededModel({ elements: [1, 8], cutoff: 5, hiddenIrreps: '128x0e+128x1o', edgesPerAtom: 52 });
  const backend = await backendNamed('wasm', { threads });
  const calculator = await createCalculator({ model, backend, precision: 'f32', tables: true });
  const prepared = await calculator.prepare([waters().structure], { properties: ['forces'] });
  return { run: () => prepared.run(), device: calculator.device, close: () => calculator.dispose() };
}

/** @param {() => Promise<unknown>} run */
async function best(run) {
  let least = Infinity;
  for (let i = 0; i < runsPerTurn; i++) {
    const began = performance.now();
    await run();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

function openProducts() {
  const worker = new Worker(fileURLToPath(import.meta.url));
  return {
    /** @returns {Promise<number>} */
    seconds: async () => {
      const answer = once(worker, 'message');
      worker.postMessage('again');
      return (await answer)[0];
    },
    close: () => worker.terminate(),
  };
}

/** In a worker: some products of matrices for each message. */
async function serveProducts() {
  const [rows, width, repeats] = [4096, 128, 40];
  const build = new GraphBuilder();
  const product = build.matmul(build.input('a', ['atoms', width]), build.input('b', [width, width]), 'nn');
  const backend = await (await backendNamed('wasm', { threads: 1 })).create();
  const executable = await backend.compile(build.finish('product', { product }), { precision: 'f32', parameters: {} });
  const values = { a: new Float32Array(rows * width).fill(0.5), b: new Float32Array(width * width).fill(0.25) };
  const work = () => executable.run({ dims: { atoms: rows, edges: 0, graphs: 0 }, maps: {}, values });
  for (let i = 0; i < repeats; i++) await work();
  parentPort?.on('message', async () => {
    const began = performance.now();
    for (let i = 0; i < repeats; i++) await work();
    parentPort?.postMessage(performance.now() - began);
  });
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
