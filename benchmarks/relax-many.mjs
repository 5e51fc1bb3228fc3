/**
 * 1,000 small molecules relaxed (L-BFGS to 0.05 eV/Å, float64, exact or with tables), beside ASE driving mace-torch on 50 of them, in the
 * same run: the same starts, the same optimizer, the same model, as many threads. Energies and steps have to agree.
 *
 *     npm run bench -- relax-many [--molecules 1000] [--peer 50] [--model ani500k_small_CC] [--batch-atoms 512] [--tables] [--threads 1]
 *
 * Molecules are caffeine, and clusters of ethanol and water, of the bundled structures, each coordinate moved by up to 0.1 Å. MACE_FIXTURES
 * names the folder of the models, MACE_TORCH_PYTHON an interpreter with mace-torch; without them the bundled model runs alone. Prints a table
 * and writes `local/relax-many.json`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createCalculator } from '../packages/core/dist/index.js';
import { seededRandom } from '../packages/core/dist/generators/index.js';
import { makeStructure } from '../packages/core/dist/structure/index.js';
import { readFrames } from '../packages/io/dist/node/index.js';
import { readModel } from '../packages/models/dist/node/index.js';
import { relax } from '../packages/sim/dist/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';
import { timedBackend } from './lib/timed-backend.mjs';

const [fmax, steps, moved] = [0.05, 500, 0.1];
/** eV, between the two programs where they took the same steps. */
const agreement = 1e-6;

const { values: options } = parseArgs({
  options: {
    molecules: { type: 'string', default: '1000' },
    peer: { type: 'string', default: '50' },
    model: { type: 'string', default: 'ani500k_small_CC' },
    'batch-atoms': { type: 'string', default: '512' },
    tables: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
  },
});
const [count, peerCount, batchAtoms] = [options.molecules, options.peer, options['batch-atoms']].map(Number);
const threads = Number(options.threads);
const fixtures = process.env['MACE_FIXTURES'];
const file = fixtures === undefined ? undefined : join(fixtures, 'models', `${options.model}.model`);
const python = file === undefined ? undefined : process.env['MACE_TORCH_PYTHON'];

const molecules = await smallMolecules(count ?? 1000);
const { definition, kernels } = timedBackend(await backendNamed('wasm', { threads }));
const calculator = await createCalculator({
  model: await readModel(file ?? 'bundled'),
  backend: definition,
  tables: options.tables,
});
// Compiled for all elements before the clock starts, as the other program has loaded its model.
for await (const _ of relax(calculator, molecules.slice(0, 5), { fmax, steps: 1 }));
const ours = await timed(molecules);
const peer = python === undefined ? null : peerTimes(python, molecules.slice(0, peerCount));
const result = {
  benchmark: 'relax-many',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${calculator.device}`,
  loadAverage: loadavg()[0],
  model: file === undefined ? 'bundled' : options.model,
  settings: { fmax, steps, moved, batchAtoms, precision: 'f64', tables: options.tables, threads },
  ours,
  peer,
  ...(peer && compared(ours, peer)),
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
const { energies: _, stepsOfEach: __, ...shown } = ours;
writeFileSync(
  new URL('local/relax-many.json', import.meta.url),
  `${JSON.stringify({ ...result, ours: shown }, null, 2)}\n`,
);
print();
await calculator.dispose();

/** The same in every run. @param {number} many */
async function smallMolecules(many) {
  const read = async (/** @type {string} */ name) => {
    const path = new URL(`../packages/models/bundled/structures/${name}.xyz`, import.meta.url);
    const [one] = await readFrames(fileURLToPath(path), {});
    if (!one) throw new Error(`${name}.xyz: expected a structure.`);
    return one;
  };
  const [caffeine, mixture] = [await read('caffeine'), await read('ethanol-water')];
  const parts = connected(mixture);
  const random = seededRandom(1);
  return Array.from({ length: many }, (_, i) => {
    const isCaffeine = i % 5 === 0;
    const atoms = isCaffeine ? [...caffeine.numbers.keys()] : nearest(mixture, parts, i % parts.length, 1 + (i % 3));
    const from = isCaffeine ? caffeine : mixture;
    return makeStructure({
      numbers: atoms.map((atom) => from.numbers[atom] ?? 0),
      positions: atoms.flatMap((atom) =>
        [...from.positions.subarray(3 * atom, 3 * atom + 3)].map((x) => x + 2 * moved * (random() - 0.5)),
      ),
    });
  });
}

/** Atoms of each molecule. @param {import('@mace/core').Structure} structure */
function connected({ numbers, positions }) {
  /** @type {number[][]} */
  const parts = [];
  const left = new Set(numbers.keys());
  while (left.size > 0) {
    const part = [.../** @type {Set<number>} */ (left)].slice(0, 1);
    part.forEach((atom) => left.delete(atom));
    for (let at = 0; at < part.length; at++)
      for (const other of [...left])
        if (
          distance(positions, part[at] ?? 0, other) <
          (numbers[part[at] ?? 0] === 1 || numbers[other] === 1 ? 1.25 : 1.7)
        ) {
          left.delete(other);
          part.push(other);
        }
    parts.push(part);
  }
  return parts;
}

/** One molecule and those next to it. @param {import('@mace/core').Structure} structure @param {number[][]} parts @param {number} center @param {number} many */
function nearest({ positions }, parts, center, many) {
  const from = parts[center]?.[0] ?? 0;
  const far = (/** @type {number[]} */ part) => Math.min(...part.map((atom) => distance(positions, from, atom)));
  return [...parts]
    .sort((a, b) => far(a) - far(b))
    .slice(0, many)
    .flat();
}

/** @param {Float64Array} positions @param {number} a @param {number} b */
function distance(positions, a, b) {
  return Math.hypot(...[0, 1, 2].map((k) => (positions[3 * a + k] ?? 0) - (positions[3 * b + k] ?? 0)));
}

/** @param {import('@mace/core').Structure[]} structures */
async function timed(structures) {
  Object.assign(kernels, { seconds: 0, runs: 0 });
  const [energies, stepsOfEach] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  let converged = 0;
  const began = performance.now();
  for await (const one of relax(calculator, structures, { fmax, steps, ...(batchAtoms && { batchAtoms }) })) {
    if ('error' in one) throw one.error;
    energies.push(one.energy);
    stepsOfEach.push(one.steps);
    if (one.isConverged) converged++;
    if (energies.length % 50 === 0) process.stderr.write(`\r${energies.length} of ${structures.length}`);
  }
  process.stderr.write('\n');
  const seconds = (performance.now() - began) / 1000;
  const atoms = structures.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const made = stepsOfEach.reduce((sum, own) => sum + own, 0);
  return {
    molecules: structures.length,
    atoms,
    seconds,
    perMolecule: seconds / structures.length,
    steps: made,
    converged,
    kernelShare: kernels.seconds / seconds,
    runs: kernels.runs,
    energies,
    stepsOfEach,
  };
}

/** @param {string} interpreter @param {import('@mace/core').Structure[]} structures */
function peerTimes(interpreter, structures) {
  const script = new URL('peers/mace_torch_relax.py', import.meta.url).pathname;
  const given = structures.map(({ numbers, positions }) => ({ numbers: [...numbers], positions: [...positions] }));
  const request = { model: file, threads, precision: 'f64', fmax, steps, molecules: given };
  const all = String(threads);
  const env = { ...process.env, OMP_NUM_THREADS: all, MKL_NUM_THREADS: all, OPENBLAS_NUM_THREADS: all };
  const run = spawnSync(interpreter, [script], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    env,
    maxBuffer: 2 ** 26,
  });
  if (run.status !== 0) throw new Error(`${script}: ${run.stderr.slice(-2000)}`);
  const { seconds, steps: taken, energies, device } = JSON.parse(run.stdout);
  return {
    molecules: structures.length,
    seconds,
    perMolecule: seconds / structures.length,
    steps: taken,
    energies,
    device,
  };
}

/** @param {Awaited<ReturnType<typeof timed>>} mine @param {ReturnType<typeof peerTimes>} theirs */
function compared(mine, theirs) {
  /** @type {number[]} */
  const energies = theirs.energies;
  const same = energies.filter((_, i) => mine.stepsOfEach[i] === theirs.steps[i]).length;
  const apart = Math.max(
    0,
    ...energies.map((energy, i) =>
      mine.stepsOfEach[i] === theirs.steps[i] ? Math.abs(energy - (mine.energies[i] ?? NaN)) : 0,
    ),
  );
  if (!(apart <= agreement))
    throw new Error(`energies of the two programs differ by ${apart} eV; ${agreement} was expected.`);
  const sum = (/** @type {number[]} */ all) => all.reduce((a, b) => a + b, 0);
  const own = sum(mine.stepsOfEach.slice(0, theirs.molecules)) / sum(theirs.steps);
  return {
    times: theirs.perMolecule / mine.perMolecule,
    timesPerStep: theirs.seconds / sum(theirs.steps) / (mine.seconds / mine.steps),
    sameSteps: same,
    stepsRatio: own,
    largestEnergyDifference: apart,
  };
}

function print() {
  const { ours: mine, peer: theirs } = result;
  process.stdout.write(
    `${result.device}; ${result.runtime}; load ${result.loadAverage?.toFixed(1)}; model ${result.model}, ${options.tables ? 'tables' : 'exact'}\n\n` +
      'program | molecules | seconds | ms a molecule | steps | converged | kernels of the wall time\n--- | --- | --- | --- | --- | --- | ---\n' +
      `ours | ${mine.molecules} | ${mine.seconds.toFixed(1)} | ${(1000 * mine.perMolecule).toFixed(1)} | ${mine.steps} | ${mine.converged} | ${(100 * mine.kernelShare).toFixed(1)} %\n`,
  );
  if (!theirs || !('times' in result)) return;
  const total = theirs.steps.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
  process.stdout.write(
    `${theirs.device} | ${theirs.molecules} | ${theirs.seconds.toFixed(1)} | ${(1000 * theirs.perMolecule).toFixed(1)} | ${total} |  | \n\n` +
      `${Number(result.times).toFixed(1)} times faster a molecule, ${Number(result.timesPerStep).toFixed(1)} a step; ${result.sameSteps} of ${theirs.molecules} in the same number of steps, ` +
      `their energies within ${Number(result.largestEnergyDifference).toExponential(1)} eV\n`,
  );
}
