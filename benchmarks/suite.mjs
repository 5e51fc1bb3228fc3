/**
 * µs per atom of energy + forces, ours beside mace-torch and symmetrix-xl: same weights, same edges, same core, in turns, so that a
 * busy minute of the machine falls on all of them. Forces have to agree before anything is timed.
 *
 *     npm run bench -- suite [--systems S1,S2,S3] [--models small,medium,large] [--precision f32] [--threads 1] …
 *     npm run bench -- suite --systems fixtures
 *     npm run bench -- suite --systems S1 --models medium --backends wasm,onnx,tfjs-wasm --peers mace-torch,mace-torch-compiled
 *
 * MACE_TORCH_PYTHON names an interpreter with mace-torch, SYMMETRIX_PYTHON one with symmetrix-xl; without the first, ours runs
 * alone with the seeded weights of lib/prepared.mjs. `fixtures` are trained models in the folder that MACE_FIXTURES names. Prints a table and writes `local/suite.json` and `suite.md`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildEdges } from '../packages/core/dist/structure/index.js';
import { fixtureCase, fixtureModels } from './lib/fixture-cases.mjs';
import { pinned } from './lib/contestant.mjs';
import { makeModel } from './lib/peer-model.mjs';
import { measure } from './lib/race.mjs';
import { suiteTable } from './lib/suite-table.mjs';
import { aluminiumNitride, silicon, waters } from './lib/systems.mjs';

/** By name: the structure, and the cutoff in Å that its models have. */
const systems = {
  S1: () => ({ ...waters(), cutoff: 5 }),
  S2: () => ({ ...aluminiumNitride(), cutoff: 6 }),
  S3: () => ({ ...silicon(4), cutoff: 6 }),
};
const models = { small: '128x0e', medium: '128x0e+128x1o', large: '128x0e+128x1o+128x2e' };
/** The trained models, each on a structure of its own. */
const fixtures = 'fixtures';
const peers = ['mace-torch', 'mace-torch-compiled', 'symmetrix'];
const usualPeers = ['mace-torch', 'symmetrix'];
const precisions = ['f32', 'f64'];

/** What mace-torch cannot hold in 24 GiB, as `system model precision`. */
const tooLargeForTorch = ['S2 large f32', 'S2 medium f64', 'S2 large f64'];

const { values: options } = parseArgs({
  options: {
    systems: { type: 'string', default: Object.keys(systems).join(',') },
    models: { type: 'string', default: Object.keys(models).join(',') },
    precision: { type: 'string', default: 'f32' },
    threads: { type: 'string', default: '1' },
    backends: { type: 'string', default: 'wasm' },
    peers: { type: 'string', default: usualPeers.join(',') },
    repeat: { type: 'string', default: '5' },
    output: { type: 'string', default: new URL('local/suite.json', import.meta.url).pathname },
  },
});
const [precision = 'f32', ...others] = chosen('precision', options.precision, precisions);
if (others.length > 0) throw new Error(`--precision ${options.precision}: expected one of ${precisions.join(', ')}.`);
const turns = Number(options.repeat);
if (!Number.isInteger(turns) || turns < 1)
  throw new Error(`--repeat ${options.repeat}: expected a whole number of at least 1.`);
const threads = Number(options.threads);
if (!Number.isInteger(threads) || threads < 1)
  throw new Error(`--threads ${options.threads}: expected a whole number of at least 1.`);
const chosenPeers = options.peers === '' ? [] : chosen('peers', options.peers, peers);
const cases = chosen('systems', options.systems, [...Object.keys(systems), fixtures]).flatMap((system) =>
  (system === fixtures ? fixtureModels : chosen('models', options.models, Object.keys(models))).map((model) => ({
    system,
    model,
  })),
);
if (cases.length === 0) throw new Error('--systems fixtures: set MACE_FIXTURES to the folder of the trained models.');

const folder = mkdtempSync(join(tmpdir(), 'mace-suite-'));
const rows = [];
try {
  for (const { system, model } of cases) rows.push(...(await measureCase(system, model)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const result = {
  benchmark: 'suite',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  pinned,
  precision,
  threads,
  models,
  rows,
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
writeFileSync(options.output, `${JSON.stringify(result, null, 2)}\n`);
const table = suiteTable(result);
writeFileSync(options.output.replace(/\.json$/, '.md'), `${table}\n`);
process.stdout.write(`\n${table}\n`);
if (rows.some(({ disagrees }) => disagrees)) process.exitCode = 1;

/** @param {string} system @param {string} model */
async function measureCase(system, model) {
  const trained = system === fixtures;
  const { name, structure, cutoff, file } = trained
    ? await fixtureCase(model)
    : { ...systems[/** @type {keyof typeof systems} */ (system)](), file: undefined };
  const edges = buildEdges([structure], cutoff);
  const edgesPerAtom = edges.edges / edges.atoms;
  const shape = {
    elements: [...new Set(structure.numbers)].sort((a, b) => a - b),
    cutoff,
    hiddenIrreps: trained ? '' : models[/** @type {keyof typeof models} */ (model)],
    edgesPerAtom,
  };
  const files = file === undefined ? makeModel(folder, shape, chosenPeers.includes('symmetrix')) : { model: file };
  const request = {
    ...files,
    shape,
    cutoff,
    precision,
    threads,
    structure: {
      numbers: [...structure.numbers],
      positions: [...structure.positions],
      cell: [...(structure.cell ?? [])],
    },
  };
  const tooLarge = totalmem() <= 24 * 2 ** 30 && tooLargeForTorch.includes(`${system} ${model} ${precision}`);
  const noMemory = 'does not fit 24 GiB of memory';
  const skipped = {
    ...(tooLarge && { 'mace-torch': noMemory, 'mace-torch-compiled': noMemory }),
    ...(trained && { symmetrix: 'timed on the seeded models' }),
  };
  const measured = await measure({
    request,
    backends: options.backends.split(','),
    peers: chosenPeers,
    skipped,
    edges: edges.edges,
    turns,
    report: (text) => process.stderr.write(`${system} ${model}: ${text}\n`),
  });
  const [ours] = measured;
  const nativePeak = Math.max(...measured.map((one) => one.nativePeak ?? 0));
  /** Of a run, in multiply-adds a second over `peak`: the arithmetic of our plan, whoever computes. @param {number} seconds @param {number | null | undefined} peak */
  const share = (seconds, peak) => (peak && ours?.multiplyAdds ? ours.multiplyAdds / (seconds * peak) : null);
  return measured.map(({ seconds, ...row }) => {
    const usPerAtom = seconds.length > 0 ? summary(seconds.map((one) => (1e6 * one) / edges.atoms)) : null;
    const base = summary((ours?.seconds ?? []).map((one) => (1e6 * one) / edges.atoms));
    return {
      system,
      structure: name,
      model,
      atoms: edges.atoms,
      edgesPerAtom,
      ...row,
      usPerAtom,
      /** How many times as long as ours. */
      ratio: usPerAtom && { min: usPerAtom.min / base.min, median: usPerAtom.median / base.median },
      runs: seconds.length,
      /** Of what numpy's product of matrices reaches on these threads, and of what SIMD128 does. */
      shareOfNativePeak: seconds.length > 0 ? share(Math.min(...seconds), nativePeak) : null,
      shareOfPeak: seconds.length > 0 ? share(Math.min(...seconds), row.peak && row.peak * threads) : null,
    };
  });
}

/** @param {readonly number[]} values */
function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return {
    min: sorted[0] ?? NaN,
    median: ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2,
  };
}

/** @param {string} option @param {string} list @param {readonly string[]} known */
function chosen(option, list, known) {
  const names = list.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--${option} ${unknown}: expected some of ${known.join(', ')}.`);
  return names;
}
