/**
 * What a calculator holds while elements come and go: random structures of two to five of 89 elements, one after the other, on a
 * model of random weights (32x0e + 32x1o, Agnesi transform); WebAssembly, float32, one thread.
 *
 *     npm run bench -- element-scan [--structures 1000] [--tables] [--elements 89]
 *
 * Prints the bytes of the backend and of the process after each twentieth of the scan, and writes `local/element-scan.json`
 * (`element-scan-tables.json`).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCalculator } from '../packages/core/dist/index.js';
import { seededRandom } from '../packages/core/dist/generators/index.js';
import { makeStructure } from '../packages/core/dist/structure/index.js';
import { wasm } from '../packages/backend-wasm/dist/index.js';
import { seededModel } from './lib/prepared.mjs';

const { values: options } = parseArgs({
  options: {
    structures: { type: 'string', default: '1000' },
    elements: { type: 'string', default: '89' },
    tables: { type: 'boolean', default: false },
  },
});
const count = Number(options.structures);
const elements = Array.from({ length: Number(options.elements) }, (_, i) => i + 1);
if (!Number.isInteger(count) || count < 1 || !(elements.length >= 1 && elements.length <= 94))
  throw new Error('--structures and --elements: expected whole numbers of at least 1, elements up to 94.');

const shape = { elements, cutoff: 5, hiddenIrreps: '32x0e+32x1o', edgesPerAtom: 40 };
const { config, weights } = seededModel(shape);
const model = { config: { ...config, distanceTransform: /** @type {const} */ ('Agnesi') }, weights };
const { tables } = options;
const backend = wasm({ threads: 1 });
const calculator = await createCalculator({ model, backend, precision: 'f32', tables });

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const random = seededRandom(9);
const seen = new Set();
const rows = [];
const began = performance.now();
const step = Math.ceil(count / 20);
for (let i = 1; i <= count; i++) {
  const structure = randomStructure();
  structure.numbers.forEach((number) => seen.add(number));
  await calculator.evaluate(structure, { properties: ['forces'] });
  if (i % step !== 0 && i !== count) continue;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const { liveBytes, liveBuffers } = calculator.memory();
  const seconds = (performance.now() - began) / 1000;
  rows.push({ structures: i, elements: seen.size, liveBytes, liveBuffers, processBytes: heapUsed + external, seconds });
  process.stderr.write(`\r${i} of ${count} structures`);
}
process.stderr.write('\n');
const result = {
  benchmark: 'element-scan',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${calculator.device}`,
  model: `${elements.length} elements, ${shape.hiddenIrreps}, Agnesi transform, cutoff ${shape.cutoff} Å, random weights`,
  tables,
  rows,
};
await calculator.dispose();
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
const file = `local/element-scan${tables ? '-tables' : ''}.json`;
writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1).padStart(9);
console.log('structures  elements  backend MB  process MB  seconds');
for (const { structures, elements: known, liveBytes, processBytes, seconds } of rows)
  console.log(
    [
      String(structures).padStart(10),
      String(known).padStart(9),
      megabytes(liveBytes),
      ` ${megabytes(processBytes)}`,
      ` ${seconds.toFixed(1).padStart(8)}`,
    ].join(' '),
  );

/** 8 to 20 atoms of two to five elements in a box, none nearer than about 1.5 Å. */
function randomStructure() {
  const kinds = Array.from(
    { length: 2 + Math.floor(4 * random()) },
    () => elements[Math.floor(elements.length * random())] ?? 1,
  );
  const atoms = 8 + Math.floor(13 * random());
  const side = Math.ceil(Math.cbrt(atoms));
  const spacing = 2.3;
  const numbers = Array.from({ length: atoms }, (_, i) => kinds[i % kinds.length] ?? 1);
  const positions = numbers.flatMap((_, i) =>
    [i % side, Math.floor(i / side) % side, Math.floor(i / side ** 2)].map((n) => spacing * n + 0.8 * random()),
  );
  const length = side * spacing;
  return makeStructure({ numbers, positions, cell: [length, length, length] });
}
