/**
 * Memory and time of a structure of more than 100,000 atoms: water, a medium model in float32 with tables, one thread. Each
 * size in a process of its own; what it needs is its largest resident size less that of a Node that does nothing.
 *
 *     npm run bench -- large
 *
 * Prints a table and writes `local/large.json`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createCalculator } from '../packages/core/dist/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';
import { seededModel } from './lib/prepared.mjs';
import { waters } from './lib/systems.mjs';

/** Boxes of 64 molecules along each axis. */
const sizes = [
  [2, 2, 2],
  [8, 8, 9],
];
/** Å; 60 edges per atom. */
const cutoff = 5.2;
const runs = 3;

const asked = process.argv[2];
if (asked) process.stdout.write(`${JSON.stringify(await measure(asked.split(',').map(Number)))}\n`);
else report(sizes.map((size) => /** @type {Measured} */ (inOwnProcess(size.join(',')))));

/** @typedef {{ atoms: number, edgesPerAtom: number, usPerAtom: number[], gigabytes: number, device: string }} Measured */

/** @param {number[]} boxes @returns {Promise<Measured>} */
async function measure(boxes) {
  const idle = process.resourceUsage().maxRSS;
  const model = seededModel({ elements: [1, 8, 14], cutoff, hiddenIrreps: '128x0e+128x1o', edgesPerAtom: 60 });
  const backend = await backendNamed('wasm', { threads: 1 });
  const calculator = await createCalculator({ model, backend, precision: 'f32', tables: true });
  const prepared = await calculator.prepare([waters(boxes).structure], { properties: ['forces'] });
  const usPerAtom = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    await prepared.run();
    usPerAtom.push((1000 * (performance.now() - began)) / prepared.atoms);
  }
  const gigabytes = (process.resourceUsage().maxRSS - idle) / 2 ** 20;
  const { atoms, edges } = prepared;
  return { atoms, edgesPerAtom: edges / atoms, usPerAtom, gigabytes, device: calculator.device };
}

/** @param {string} size @returns {unknown} */
function inOwnProcess(size) {
  process.stderr.write(`${size.replaceAll(',', ' × ')} boxes of water …\n`);
  const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), size], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** @param {Measured[]} rows */
function report(rows) {
  const result = {
    benchmark: 'large',
    date: new Date().toISOString().slice(0, 10),
    device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    threads: 1,
    rows,
  };
  mkdirSync(new URL('local/', import.meta.url), { recursive: true });
  writeFileSync(new URL('local/large.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  const lines = rows.map(({ atoms, edgesPerAtom, usPerAtom, gigabytes }) =>
    [atoms, edgesPerAtom.toFixed(1), Math.min(...usPerAtom).toFixed(0), gigabytes.toFixed(2)].join(' | '),
  );
  process.stdout.write(
    `${result.device}; ${result.runtime}\n\natoms | edges/atom | µs/atom (best) | GB more than an idle Node\n--- | --- | --- | ---\n${lines.join('\n')}\n`,
  );
}
