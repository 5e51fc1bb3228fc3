/**
 * Errors in float32 against mace-torch in float64, beside those of mace-torch in float32: trained models on the frames of
 * MACE_FIXTURES, the largest difference and the root mean square.
 *
 *     MACE_FIXTURES=… npm run bench -- float32 [--backends webgpu,wasm]
 *
 * Prints a table and writes `local/float32.json`. Ends with exit code 1 where an error of forces is over twice mace-torch's own.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCalculator } from '../packages/core/dist/index.js';
import { makeStructure } from '../packages/core/dist/structure/index.js';
import { readModelFile } from '../packages/io/dist/node/index.js';
import { findBackend } from '../packages/cli/dist/backends/index.js';

const { values: options } = parseArgs({ options: { backends: { type: 'string', default: 'webgpu,wasm' } } });
const folder = process.env['MACE_FIXTURES'];
if (!folder) throw new Error('MACE_FIXTURES is not set. It names the folder with models/ and oracle/.');

/** @typedef {{ energy: number, forces: number[][] }} Result */
/** @typedef {{ species: string[], positions: number[][], cell: number[][] | null, pbc: [boolean, boolean, boolean], float64: Result, float32: Result }} Frame */

const files = new Map(
  readdirSync(join(folder, 'models')).map((file) => [
    createHash('sha256')
      .update(readFileSync(join(folder, 'models', file)))
      .digest('hex'),
    file,
  ]),
);
/** @type {(ReturnType<typeof errors> & { model: string, computed: string })[]} */
const rows = [];
for (const oracle of readdirSync(join(folder, 'oracle'))) {
  const { model_sha256, frames } = JSON.parse(readFileSync(join(folder, 'oracle', oracle), 'utf8'));
  const file = files.get(model_sha256) ?? '';
  const model = await readModelFile(join(folder, 'models', file));
  rows.push({
    model: file,
    computed: 'mace-torch',
    ...errors(
      frames,
      frames.map((/** @type {Frame} */ frame) => frame.float32),
    ),
  });
  for (const name of options.backends.split(',')) {
    process.stderr.write(`\r\x1b[K${file}: ${name}`);
    rows.push({ model: file, computed: name, ...errors(frames, await computed(model, name, frames)) });
  }
}
process.stderr.write('\r\x1b[K');
const result = {
  benchmark: 'float32',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores`,
  rows,
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
writeFileSync(new URL('local/float32.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${table()}\n`);
process.exitCode = rows.some((row) => ratioOf(row) > 2) ? 1 : 0;

/**
 * @param {import('@mace/core').MaceModel} model
 * @param {string} name
 * @param {readonly Frame[]} frames
 * @returns {Promise<Result[]>}
 */
async function computed(model, name, frames) {
  const { definition } = await findBackend(name);
  const calculator = await createCalculator({ model, backend: definition, precision: 'f32' });
  const results = [];
  for (const { species, positions, cell, pbc } of frames) {
    const periodic = cell && pbc.some(Boolean) ? cell.flat() : null;
    const structure = makeStructure({ symbols: species, positions: positions.flat(), cell: periodic, pbc });
    const { energy, forces = new Float64Array() } = await calculator.evaluate(structure);
    results.push({ energy, forces: species.map((_, atom) => [...forces.subarray(3 * atom, 3 * atom + 3)]) });
  }
  await calculator.dispose();
  return results;
}

/**
 * Of energies in eV/atom, of components of forces in eV/Å.
 *
 * @param {readonly Frame[]} frames
 * @param {readonly Result[]} results
 */
function errors(frames, results) {
  const energies = frames.map(
    ({ float64, species }, i) => ((results[i]?.energy ?? NaN) - float64.energy) / species.length,
  );
  const forces = frames.flatMap(({ float64 }, i) => {
    const found = results[i]?.forces.flat() ?? [];
    return float64.forces.flat().map((exact, at) => (found[at] ?? NaN) - exact);
  });
  return { frames: frames.length, energy: sizeOf(energies), forces: sizeOf(forces) };
}

/** @param {readonly number[]} differences */
function sizeOf(differences) {
  return {
    largest: Math.max(...differences.map(Math.abs)),
    rms: Math.sqrt(differences.reduce((sum, x) => sum + x * x, 0) / differences.length),
  };
}

/** Of the root mean squares of forces. @param {(typeof rows)[number]} row */
function ratioOf({ model, forces }) {
  const own = rows.find((row) => row.model === model && row.computed === 'mace-torch');
  return forces.rms / (own?.forces.rms ?? NaN);
}

function table() {
  const lines = rows.map((row) => {
    const { model, computed: by, frames, energy, forces } = row;
    const numbers = [energy.largest, energy.rms, forces.largest, forces.rms].map((x) => x.toExponential(1));
    return `| ${[model, frames, by, ...numbers, ratioOf(row).toFixed(2)].join(' | ')} |`;
  });
  return [
    '| model | frames | computed by, in float32 | energy, largest (eV/atom) | rms | forces, largest (eV/Å) | rms | rms ÷ mace-torch |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
