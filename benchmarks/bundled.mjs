/**
 * µs per atom of energy + forces with the bundled model, as `mace bench` measures it, on the structures of the playground's speed page, which
 * shows the kept results beside those of the visitor's machine.
 *
 *     npm run bench -- bundled [--backends wasm,typed-arrays,onnx,onnx-web] [--precision f32] [--repeat 5] [--threads 1]
 *
 * Prints a table and writes `local/bundled.json`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { createCalculator } from '../packages/core/dist/index.js';
import { benchmark } from '../packages/core/dist/benchmark/index.js';
import { makeStructure } from '../packages/core/dist/structure/index.js';
import { readModel } from '../packages/models/dist/node/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';

const { values: options } = parseArgs({
  options: {
    backends: { type: 'string', default: 'wasm,typed-arrays,onnx,onnx-web' },
    precision: { type: 'string', default: 'f32' },
    repeat: { type: 'string', default: '5' },
    threads: { type: 'string' },
  },
});
const { precision } = options;
if (precision !== 'f32' && precision !== 'f64') throw new Error(`--precision ${precision}: expected one of f32, f64.`);
const repeat = Number(options.repeat);
if (!Number.isInteger(repeat) || repeat < 1)
  throw new Error(`--repeat ${options.repeat}: expected a whole number of at least 1.`);
const structures = [
  { name: 'Ethanol', structure: ofGallery('Ethanol') },
  { name: 'Ice', structure: ofGallery('Ice') },
  { name: 'Ice, 4 cells', structure: fourTimes(ofGallery('Ice')) },
];
const model = await readModel('bundled');
const rows = [];
for (const name of options.backends.split(',')) {
  const threads = name === 'wasm' && options.threads !== undefined ? { threads: Number(options.threads) } : {};
  const backend = await backendNamed(name, threads);
  const found = await backend.probe();
  if (!found.available) throw new Error(`--backends ${name}: ${found.reason} ${found.remedy ?? ''}`);
  for (const { name: structure, structure: atoms } of structures) {
    // A calculator for each, so that each is met for the first time.
    const calculator = await createCalculator({ model, backend, precision, tables: true });
    const began = performance.now();
    /** @type {number | undefined} */
    let firstSeconds;
    const { figures, seconds, prepared } = await benchmark(calculator, [atoms], {
      repeat,
      threads: found.capabilities.threads ?? 1,
      onRun: () => void (firstSeconds ??= (performance.now() - began) / 1000),
    });
    prepared.dispose();
    await calculator.dispose();
    rows.push({ structure, ...figures, firstSeconds, seconds });
    process.stdout.write(
      `${structure.padEnd(14)} ${figures.backend.padEnd(14)} ${figures.usPerAtom.median.toFixed(1).padStart(10)} µs/atom  ${figures.device}\n`,
    );
  }
}
const result = {
  benchmark: 'bundled',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  loadAverage: loadavg()[0],
  rows,
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
writeFileSync(new URL('local/bundled.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);

/** A structure of the playground's gallery. @param {string} name */
function ofGallery(name) {
  const file = new URL('../apps/playground/src/files/gallery.json', import.meta.url);
  /** @type {({ name: string } & import('@mace/core/structure').StructureInput)[]} */
  const entries = JSON.parse(readFileSync(file, 'utf8'));
  const found = entries.find((one) => one.name === name);
  if (!found) throw new Error(`${file.pathname}: there is no ${name} in it.`);
  const { name: _, ...atoms } = found;
  return makeStructure(atoms);
}

/** Two cells along a and b. @param {import('@mace/core').Structure} structure */
function fourTimes({ numbers, positions, cell, pbc }) {
  if (!cell) throw new Error('expected a crystal.');
  const shifts = [0, 1].flatMap((a) =>
    [0, 1].map((b) => [0, 1, 2].map((k) => a * (cell[k] ?? 0) + b * (cell[3 + k] ?? 0))),
  );
  return makeStructure({
    numbers: shifts.flatMap(() => [...numbers]),
    positions: shifts.flatMap((shift) => Array.from(positions, (x, i) => x + (shift[i % 3] ?? 0))),
    cell: Array.from(cell, (x, i) => (i < 6 ? 2 * x : x)),
    pbc,
  });
}
