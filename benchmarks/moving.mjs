/**
 * What a step of a system costs beside its kernels: positions are moved a little, `System.compute` writes energies and forces into the
 * caller's arrays. H2, and ice of 48 and 384 atoms, with the bundled model, float32, tables, one thread. "Outside" is one minus the
 * time inside WebAssembly functions over wall time. With `--heap`, how the heap grows between 100,000 and 1,000,000 steps of H2.
 *
 *     npm run bench -- moving [--heap]
 *
 * Prints a table, and writes `local/moving.json`.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wasm } from '../packages/backend-wasm/dist/index.js';
import { createCalculator } from '../packages/core/dist/index.js';
import { seededRandom } from '../packages/core/dist/generators/index.js';
import { makeStructure } from '../packages/core/dist/structure/index.js';
import { readFrames } from '../packages/io/dist/node/index.js';
import { readModel } from '../packages/models/dist/node/index.js';

let inside = 0;
let isTimed = true;
const { instantiate } = WebAssembly;
/** @param {any[]} given */
WebAssembly.instantiate = /** @type {any} */ (
  async (/** @type {any[]} */ ...given) => {
    const made = await /** @type {any} */ (instantiate)(...given);
    const exports = Object.fromEntries(
      Object.entries((made.instance ?? made).exports).map(([name, run]) => [
        name,
        (/** @type {number[]} */ ...operands) => {
          if (!isTimed) return run(...operands);
          const began = performance.now();
          const result = run(...operands);
          inside += performance.now() - began;
          return result;
        },
      ]),
    );
    return made.instance ? { ...made, instance: { exports } } : { exports };
  }
);

const file = fileURLToPath(new URL('../packages/models/bundled/structures/ice.xyz', import.meta.url));
const [ice] = await readFrames(file, {});
if (!ice?.cell) throw new Error('ice.xyz: expected a crystal.');
const hydrogen = makeStructure({ symbols: ['H', 'H'], positions: [0, 0, 0, 0.75, 0, 0] });
/** @type {[name: string, structure: import('@mace/core').Structure, steps: number][]} */
const systems = [
  ['H2', hydrogen, 20_000],
  ['ice, 48 atoms', supercell(ice, 48), 400],
  ['ice, 384 atoms', supercell(ice, 384), 60],
];

const model = await readModel('bundled');
const calculator = await createCalculator({ model, backend: wasm({ threads: 1 }), precision: 'f32', tables: true });
const random = seededRandom(1);
const rows = [];
for (const [name, structure, steps] of systems) {
  const system = await calculator.bind([structure], { properties: ['forces'] });
  const atoms = structure.numbers.length;
  const into = { energies: new Float64Array(1), forces: new Float64Array(3 * atoms) };
  const home = structure.positions;
  // Made before: what moves the atoms is not what is timed.
  const places = Array.from({ length: 16 }, () => home.map((x) => x + 0.02 * (random() - 0.5)));
  let taken = 0;
  const step = async () => {
    system.update(places[taken++ % places.length] ?? home);
    await system.compute({ into });
  };
  for (let i = 0; i < Math.max(steps / 4, 20); i++) await step();
  let best = { wall: Infinity, inside: 0 };
  for (let turn = 0; turn < 5; turn++) {
    inside = 0;
    const began = performance.now();
    for (let i = 0; i < steps; i++) await step();
    const wall = performance.now() - began;
    if (wall < best.wall) best = { wall, inside };
  }
  isTimed = false;
  const began = performance.now();
  for (let i = 0; i < steps; i++) await step();
  const plain = performance.now() - began;
  let whole = Infinity;
  for (let turn = 0; turn < 3; turn++) {
    const from = performance.now();
    for (let i = 0; i < steps / 10; i++) await calculator.evaluate(structure, { properties: ['forces'] });
    whole = Math.min(whole, performance.now() - from);
  }
  isTimed = true;
  rows.push({
    name,
    atoms,
    lists: system.lists,
    usPerStep: (1000 * plain) / steps,
    outside: 1 - best.inside / best.wall,
    evaluateUs: (1000 * whole) / (steps / 10),
  });
  system.dispose();
}

/** @type {{ growthBytes: number } | undefined} */
let heap;
if (process.argv.includes('--heap')) {
  isTimed = false;
  setFlagsFromString('--expose-gc');
  const collect = /** @type {() => void} */ (runInNewContext('gc'));
  const system = await calculator.bind([hydrogen], { properties: ['forces'] });
  const into = { energies: new Float64Array(1), forces: new Float64Array(6) };
  const positions = hydrogen.positions.slice();
  const used = [];
  for (const until of [100_000, 1_000_000]) {
    for (let i = used.length === 0 ? 0 : 100_000; i < until; i++) {
      positions[3] = 0.75 + 0.02 * random();
      system.update(positions);
      await system.compute({ into });
    }
    collect();
    used.push(process.memoryUsage().heapUsed);
  }
  heap = { growthBytes: (used[1] ?? 0) - (used[0] ?? 0) };
  system.dispose();
}

const result = {
  benchmark: 'moving',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${calculator.device}`,
  rows,
  ...(heap && { heap }),
};
writeFileSync(new URL('local/moving.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  `${result.device}; ${result.runtime}\n\nsystem | atoms | µs a step | outside | µs an evaluate\n--- | --- | --- | --- | ---\n`,
);
for (const { name, atoms, usPerStep, outside, evaluateUs } of rows)
  process.stdout.write(
    `${name} | ${atoms} | ${usPerStep.toFixed(0)} | ${(100 * outside).toFixed(1)} % | ${evaluateUs.toFixed(0)}\n`,
  );
if (heap)
  process.stdout.write(`\nheap after 1,000,000 steps of H2, beside after 100,000: ${heap.growthBytes} bytes more\n`);
await calculator.dispose();

/**
 * Copies of a crystal side by side, until there are so many atoms.
 * @param {import('@mace/core').Structure} structure
 * @param {number} atoms
 */
function supercell(structure, atoms) {
  const cell = structure.cell ?? new Float64Array(9);
  const copies = atoms / structure.numbers.length;
  const counts = [1, 1, 1];
  for (let left = copies, axis = 0; left > 1; left /= 2, axis++) counts[axis % 3] = 2 * (counts[axis % 3] ?? 1);
  const [nx = 1, ny = 1, nz = 1] = counts;
  const numbers = [];
  const positions = /** @type {number[]} */ ([]);
  for (let at = 0; at < nx * ny * nz; at++) {
    const shift = [Math.floor(at / (ny * nz)), Math.floor(at / nz) % ny, at % nz];
    numbers.push(...structure.numbers);
    structure.positions.forEach((x, i) =>
      positions.push(x + shift.reduce((sum, n, k) => sum + n * (cell[3 * k + (i % 3)] ?? 0), 0)),
    );
  }
  const grown = Array.from(cell, (x, k) => x * (counts[Math.floor(k / 3)] ?? 1));
  return makeStructure({ numbers, positions, cell: grown });
}
