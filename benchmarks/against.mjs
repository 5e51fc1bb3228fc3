/**
 * This build beside that of another checkout, in one run: the first `evaluate` (from a model that is read to energy and forces, each time
 * in a process of its own) and the best of many, of H2, caffeine and ice of 48 atoms; bundled model, wasm, one thread, float32 with tables
 * and float64 without. Both take turns on the same core, so that a busy minute of the machine falls on both.
 *
 *     npm run bench -- against --root DIR [--rounds 4]
 *
 * DIR is a checkout that is set up (`npm run setup` there). Prints a table and writes `local/against.json`. A ratio is this build's time
 * over the other's, and below 1 this one is faster; in parentheses, the least and the largest of single rounds, which is what the machine
 * adds of itself. Forces that differ by more than rounding end it with an error.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readFrames } from '../packages/io/dist/node/index.js';
import { openContestant, pinned } from './lib/contestant.mjs';

/** Seconds that a turn of warm calls aims at, and the most calls in it. */
const turnSeconds = 0.2;
const mostRuns = 500;
/** Turns of each build in a round. */
const warmUpTurns = 2;
const warmTurns = 4;
/** Largest difference of forces, eV/Å: the kernels of two builds may round apart. */
const agreement = { f32: 1e-3, f64: 1e-8 };

const { values: options } = parseArgs({
  options: { root: { type: 'string' }, rounds: { type: 'string', default: '4' } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds ${options.rounds}: expected a whole number of at least 1.`);
if (options.root === undefined)
  throw new Error(
    'expected --root DIR, another checkout that is set up. Example: npm run bench -- against --root ../before',
  );
const roots = { ours: fileURLToPath(new URL('..', import.meta.url)), other: resolve(options.root) };
const built = join(roots.other, 'packages/core/dist/index.js');
if (!existsSync(built))
  throw new Error(`--root ${options.root}: there is no ${built}. Name a checkout, and run npm run setup there.`);

const precisions = /** @type {const} */ ([
  ['f32', true],
  ['f64', false],
]);
const rows = [];
for (const [precision, tables] of precisions)
  for (const [name, structure] of Object.entries(await structures()))
    rows.push(await measure(name, { precision, tables, structure }));

const result = {
  benchmark: 'against',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  loadAverage: loadavg()[0],
  pinned,
  rounds,
  rows,
};
writeFileSync(new URL('local/against.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  `\n${result.device}; ${result.runtime}; load ${result.loadAverage?.toFixed(1)}; one thread${pinned ? ', all on the same core' : ''}\n\n` +
    'structure | atoms | precision | first, ms: this | other | ratio | best, ms: this | other | ratio | largest difference of forces, eV/Å\n' +
    '--- | --- | --- | --- | --- | --- | --- | --- | --- | ---\n',
);
for (const { name, atoms, precision, tables, cold, warm, forceDifference } of rows)
  process.stdout.write(
    `${[
      name,
      atoms,
      `${precision}${tables ? ' with tables' : ''}`,
      ...columns(cold, 0),
      ...columns(warm, 3),
      forceDifference.toExponential(1),
    ].join(' | ')}\n`,
  );

/** @typedef {{ precision: 'f32' | 'f64', tables: boolean, structure: { numbers: number[] } }} Request */

/** @param {ReturnType<typeof paired>} pair @param {number} digits */
function columns({ ours, other, ratio, ratios }, digits) {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((x) => x.toFixed(2));
  return [(1000 * ours).toFixed(digits), (1000 * other).toFixed(digits), `${ratio.toFixed(2)} (${least} to ${most})`];
}

/** What the bundled model knows: a small molecule, a larger one, a crystal. */
async function structures() {
  const read = async (/** @type {string} */ name) => {
    const file = new URL(`../packages/models/bundled/structures/${name}.xyz`, import.meta.url);
    const [one] = await readFrames(fileURLToPath(file), {});
    if (!one) throw new Error(`${name}.xyz: expected a structure.`);
    return { numbers: [...one.numbers], positions: [...one.positions], ...(one.cell && { cell: [...one.cell] }) };
  };
  return {
    H2: { numbers: [1, 1], positions: [0, 0, 0, 0.75, 0, 0] },
    caffeine: await read('caffeine'),
    ice: await read('ice'),
  };
}

/** @typedef {{ ours: number, other: number }} Both */

/**
 * Rounds of two fresh processes, whose first calls are timed and then turns of warm ones. A process is fast or slow by chance too, so
 * one of each build would not do.
 * @param {string} name
 * @param {Request} request
 */
async function measure(name, request) {
  const cold = /** @type {Both[]} */ ([]);
  const warm = /** @type {Both[]} */ ([]);
  let forceDifference = 0;
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`${name} ${request.precision}, round ${round + 1} of ${rounds}\n`);
    const found = await inTurns(request, round % 2 === 0 ? ['ours', 'other'] : ['other', 'ours']);
    cold.push(found.cold);
    warm.push(found.warm);
    forceDifference = Math.max(forceDifference, found.forceDifference);
  }
  const { precision, tables, structure } = request;
  const atoms = structure.numbers.length;
  return { name, atoms, precision, tables, forceDifference, cold: paired(cold), warm: paired(warm) };
}

/** One round; the best of its warm calls. @param {Request} request @param {readonly (keyof typeof roots)[]} order */
async function inTurns(request, order) {
  const script = fileURLToPath(new URL('lib/build-of.mjs', import.meta.url));
  const [cold, warm] = [both(), both()];
  const sides = order.map((side) => ({ side, runs: 1, one: openContestant(process.execPath, [script, roots[side]]) }));
  try {
    const forces = [];
    for (const { side, one } of sides) {
      const first = await one.ask(request);
      cold[side] = first.seconds;
      forces.push(first.forces);
    }
    const forceDifference = largestDifference(forces[0], forces[1]);
    const limit = agreement[request.precision];
    if (!(forceDifference <= limit))
      throw new Error(`forces of the two builds differ by ${forceDifference} eV/Å; rounding is at most ${limit}.`);
    for (let turn = -warmUpTurns; turn < warmTurns; turn++)
      for (const racer of sides) {
        const { seconds } = await racer.one.ask({ runs: racer.runs });
        const best = Math.min(...seconds);
        racer.runs = Math.min(mostRuns, Math.max(1, Math.round(turnSeconds / best)));
        if (turn >= 0) warm[racer.side] = Math.min(warm[racer.side], best);
      }
    return { cold, warm, forceDifference };
  } finally {
    for (const { one } of sides) await one.close();
  }
}

/** @returns {Both} */
function both() {
  return { ours: Infinity, other: Infinity };
}

/** The best of each, their ratio, and the ratios of single rounds. @param {readonly Both[]} times */
function paired(times) {
  const ours = Math.min(...times.map((one) => one.ours));
  const other = Math.min(...times.map((one) => one.other));
  return { ours, other, ratio: ours / other, ratios: times.map((one) => one.ours / one.other) };
}

/** @param {readonly number[]} one @param {readonly number[]} other */
function largestDifference(one, other) {
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? NaN))), 0);
}
