/**
 * Time of the neighbor search per atom, 1,000 to 100,000 atoms at the density of water: it should be flat.
 *
 *     npm run bench -- neighbors
 *
 * One thread. The atoms are in random order in memory, which is the hard case; `ordered` is the same structure after
 * `atomOrder`, which is what the calculator searches; `wasm` is that search by `@mace/backend-wasm`.
 * Prints a table and writes `local/neighbors.json`, with the machine it was measured on. `processor` is processor time, which a
 * busy machine disturbs less than the clock.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { atomOrder, findNeighbors, makeStructure, permuteStructure } from '../packages/core/dist/structure/index.js';
import { wasm } from '../packages/backend-wasm/dist/index.js';

const cutoff = 5;
const density = 0.1;
const sizes = [1000, 3000, 10000, 30000, 100000];
const repeats = 7;

/** mulberry32, so that every run measures the same structures. @param {number} seed */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {number} atoms */
function randomBox(atoms) {
  const random = generator(atoms);
  const side = Math.cbrt(atoms / density);
  const positions = Float64Array.from({ length: 3 * atoms }, () => side * random());
  const numbers = Int32Array.from({ length: atoms }, (_, k) => (k % 3 === 0 ? 8 : 1));
  return makeStructure({ numbers, positions, cell: [side, side, side] });
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((p, q) => p - q)[Math.floor(values.length / 2)] ?? NaN;
}

/**
 * @param {import('../packages/core/dist/structure/index.js').Structure} structure
 * @param {(structure: import('../packages/core/dist/structure/index.js').Structure) => unknown} search
 */
async function measure(structure, search = (one) => findNeighbors(one, cutoff)) {
  const times = [];
  const busy = [];
  let list;
  for (let k = 0; k < repeats; k++) {
    list = undefined;
    const start = performance.now();
    const used = process.cpuUsage();
    list = /** @type {{ sender: Int32Array }} */ (await search(structure));
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    busy.push((user + system) / 1000);
  }
  return {
    milliseconds: median(times),
    fastest: Math.min(...times),
    processor: median(busy),
    edges: list?.sender.length ?? 0,
  };
}

// Compiled code is what is measured; the first calls are not.
const backend = await wasm({ threads: 1 }).create();
/** @param {import('../packages/core/dist/structure/index.js').Structure} structure */
const inWasm = ({ positions, cell, pbc }) => backend.neighbors?.({ positions, cell, pbc, cutoff });
for (let k = 0; k < 20; k++) {
  findNeighbors(randomBox(1000), cutoff);
  await inWasm(randomBox(1000));
}

const rows = [];
for (const atoms of sizes) {
  const structure = randomBox(atoms);
  const random = await measure(structure);
  const start = performance.now();
  const order = atomOrder(structure);
  const ordering = performance.now() - start;
  const arranged = permuteStructure(structure, order);
  const ordered = await measure(arranged);
  const found = await measure(arranged, inWasm);
  const perAtom = (/** @type {number} */ milliseconds) => Number(((1000 * milliseconds) / atoms).toFixed(3));
  rows.push({
    atoms,
    edgesPerAtom: Number((random.edges / atoms).toFixed(2)),
    microsecondsPerAtom: perAtom(random.milliseconds),
    fastestMicrosecondsPerAtom: perAtom(random.fastest),
    processorMicrosecondsPerAtom: perAtom(random.processor),
    orderedMicrosecondsPerAtom: perAtom(ordered.milliseconds),
    wasmMicrosecondsPerAtom: perAtom(found.milliseconds),
    atomOrderMicrosecondsPerAtom: perAtom(ordering),
  });
}
console.table(rows);

const report = {
  benchmark: 'neighbors',
  device: cpus()[0]?.model ?? 'unknown',
  threads: 1,
  loadAverage: loadavg()[0],
  node: process.version,
  date: new Date().toISOString(),
  cutoff,
  density,
  repeats,
  statistic: 'median',
  rows,
};
const folder = new URL('./local/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('neighbors.json', folder), `${JSON.stringify(report, null, 2)}\n`);
await backend.dispose();
