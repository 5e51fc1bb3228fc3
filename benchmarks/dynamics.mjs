/**
 * Dynamics: what a step costs beside the model, and how many nanoseconds a day, beside ASE driving mace-torch in float32 from the same start, one
 * thread each, in the same run.
 *
 *     npm run bench -- dynamics [--steps 300] [--peer-steps 20] [--model ani500k_small_CC]
 *
 * MACE_FIXTURES names the folder of the models, MACE_TORCH_PYTHON an interpreter with mace-torch; without them the bundled model runs alone.
 * Prints a table and writes `local/dynamics.json`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createCalculator } from '../packages/core/dist/index.js';
import { makeStructure } from '../packages/core/dist/structure/index.js';
import { readFrames } from '../packages/io/dist/node/index.js';
import { readModel } from '../packages/models/dist/node/index.js';
import { startDynamics } from '../packages/sim/dist/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';
import { waters } from './lib/systems.mjs';
import { timedBackend } from './lib/timed-backend.mjs';

const timestep = 0.5;
const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '300' },
    'peer-steps': { type: 'string', default: '20' },
    model: { type: 'string', default: 'ani500k_small_CC' },
  },
});
const [steps = 0, peerSteps = 0] = [options.steps, options['peer-steps']].map(Number);
const fixtures = process.env['MACE_FIXTURES'];
const file = fixtures === undefined ? undefined : join(fixtures, 'models', `${options.model}.model`);
const python = file === undefined ? undefined : process.env['MACE_TORCH_PYTHON'];

const [caffeine, ice] = [await bundled('caffeine'), await bundled('ice')];
/** @type {({ name: string } & Awaited<ReturnType<typeof timed>>)[]} */
const outside = [];
for (const [name, structure, count] of /** @type {const} */ ([
  ['10 atoms', cluster(caffeine, 10), 2000],
  ['48 atoms, ice', ice, 400],
  ['384 atoms, ice', twice(ice), 100],
]))
  outside.push({ name, ...(await timed(structure, 'bundled', count)) });
const small = fixtures === undefined ? { name: 'caffeine, 24 atoms', structure: caffeine } : await aspirin(fixtures);
/** @type {({ name: string, ours: Awaited<ReturnType<typeof timed>>, peer: ReturnType<typeof peerOf> | null })[]} */
const beside = [];
for (const { name, structure } of [small, waters()])
  beside.push({
    name,
    ours: await timed(structure, file ?? 'bundled', steps),
    peer: python === undefined ? null : peerOf(python, structure),
  });
const result = {
  benchmark: 'dynamics',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  loadAverage: loadavg()[0],
  settings: { ensemble: 'nve', timestep, precision: 'f32', tables: true, threads: 1 },
  outside,
  model: file === undefined ? 'bundled' : options.model,
  beside: beside.map((one) => ({ ...one, times: one.peer && one.peer.secondsPerStep / one.ours.secondsPerStep })),
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
writeFileSync(new URL('local/dynamics.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
print();

/** @param {string} name */
async function bundled(name) {
  const path = new URL(`../packages/models/bundled/structures/${name}.xyz`, import.meta.url);
  const [one] = await readFrames(fileURLToPath(path), {});
  if (!one) throw new Error(`${name}.xyz: expected a structure.`);
  return one;
}

/** @param {string} folder - of the fixtures */
async function aspirin(folder) {
  const [structure] = await readFrames(join(folder, 'data/rmd17/rmd17_aspirin_train.xyz@0'), {});
  if (!structure) throw new Error('rmd17_aspirin_train.xyz: expected a structure.');
  return { name: 'aspirin, 21 atoms', structure };
}

/** The first atoms of a structure. @param {import('@mace/core').Structure} from @param {number} count */
function cluster({ numbers, positions }, count) {
  return makeStructure({ numbers: numbers.slice(0, count), positions: positions.slice(0, 3 * count) });
}

/** Two cells along each direction. @param {import('@mace/core').Structure} structure */
function twice({ numbers, positions, cell }) {
  if (!cell) throw new Error('expected a crystal.');
  const all = { numbers: /** @type {number[]} */ ([]), positions: /** @type {number[]} */ ([]) };
  for (let image = 0; image < 8; image++) {
    const shift = [image & 1, (image >> 1) & 1, image >> 2];
    const move = [0, 1, 2].map((k) => shift.reduce((sum, n, row) => sum + n * (cell[3 * row + k] ?? 0), 0));
    all.numbers.push(...numbers);
    all.positions.push(...positions.map((x, i) => x + (move[i % 3] ?? 0)));
  }
  return makeStructure({ ...all, cell: cell.map((x) => 2 * x) });
}

/** @param {import('@mace/core').Structure} structure @param {string} model @param {number} count */
async function timed(structure, model, count) {
  const { definition, kernels } = timedBackend(await backendNamed('wasm', { threads: 1 }));
  const calculator = await createCalculator({
    model: await readModel(model),
    backend: definition,
    precision: 'f32',
    tables: true,
  });
  try {
    const { system, inside } = timedSystem(await calculator.bind([structure]));
    const dynamics = await startDynamics(system, { ensemble: 'nve', timestep, temperature: 300, seed: 1 });
    await dynamics.run(Math.ceil(count / 5));
    Object.assign(kernels, { seconds: 0 });
    Object.assign(inside, { seconds: 0 });
    const began = performance.now();
    await dynamics.run(count);
    const seconds = (performance.now() - began) / 1000;
    return {
      atoms: structure.numbers.length,
      steps: count,
      secondsPerStep: seconds / count,
      nanosecondsPerDay: (86400 * timestep * 1e-6 * count) / seconds,
      outsideModelMicroseconds: (1e6 * (seconds - inside.seconds)) / count,
      outsideModelShare: (seconds - inside.seconds) / seconds,
      outsideKernelsMicroseconds: (1e6 * (seconds - kernels.seconds)) / count,
      outsideKernelsShare: (seconds - kernels.seconds) / seconds,
    };
  } finally {
    await calculator.dispose();
  }
}

/** A system that says how long its `update` and `compute` have taken. @param {import('@mace/core').System} system */
function timedSystem(system) {
  const inside = { seconds: 0 };
  const [update, compute] = [system.update.bind(system), system.compute.bind(system)];
  const add = (/** @type {number} */ began) => (inside.seconds += (performance.now() - began) / 1000);
  system.update = (...given) => {
    const began = performance.now();
    update(...given);
    add(began);
  };
  system.compute = async (...given) => {
    const began = performance.now();
    const found = await compute(...given);
    add(began);
    return found;
  };
  return { system, inside };
}

/** @param {string} interpreter @param {import('@mace/core').Structure} structure */
function peerOf(interpreter, { numbers, positions, cell }) {
  const script = new URL('peers/mace_torch_dynamics.py', import.meta.url).pathname;
  const momenta = Array.from(positions, (_, i) => Math.sin(i));
  const request = { model: file, threads: 1, precision: 'f32', timestep, warmUp: 5, steps: peerSteps, momenta };
  const given = { ...request, numbers: [...numbers], positions: [...positions], cell: cell && [...cell] };
  const env = { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const run = spawnSync(interpreter, [script], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    env,
    maxBuffer: 2 ** 26,
  });
  if (run.status !== 0) throw new Error(`${script}: ${run.stderr.slice(-2000)}`);
  const { secondsPerStep, device } = JSON.parse(run.stdout);
  return { steps: peerSteps, secondsPerStep, nanosecondsPerDay: (86400 * timestep * 1e-6) / secondsPerStep, device };
}

function print() {
  const number = (/** @type {number} */ value, digits = 3) => value.toPrecision(digits);
  process.stdout.write(
    `${result.device}; ${result.runtime}; load ${result.loadAverage?.toFixed(1)}; f32 with tables, nve, ${timestep} fs, one thread\n\n` +
      'bundled model | ms a step | outside the model, µs | of the step | outside the kernels, µs | of the step\n--- | --- | --- | --- | --- | ---\n' +
      outside
        .map(
          ({ name, secondsPerStep, ...outside }) =>
            `${name} | ${number(1000 * secondsPerStep)} | ${number(outside.outsideModelMicroseconds)} | ${number(100 * outside.outsideModelShare, 2)} % | ${number(outside.outsideKernelsMicroseconds)} | ${number(100 * outside.outsideKernelsShare, 2)} %\n`,
        )
        .join('') +
      `\nmodel ${result.model} | ms a step | ns/day | peer, ms a step | ns/day | times\n--- | --- | --- | --- | --- | ---\n` +
      result.beside
        .map(({ name, ours, peer, times }) =>
          [
            name,
            number(1000 * ours.secondsPerStep),
            number(ours.nanosecondsPerDay),
            ...(peer && times
              ? [number(1000 * peer.secondsPerStep), number(peer.nanosecondsPerDay), number(times)]
              : ['–', '–', '–']),
          ].join(' | '),
        )
        .join('\n') +
      `\n\n${result.beside[0]?.peer?.device ?? 'without mace-torch'}\n`,
  );
}
