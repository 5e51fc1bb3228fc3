/**
 * From a model file to the first energy and forces of 64 waters, one thread: where the time goes, how long a second calculator
 * of the same architecture takes, and beside it mace-torch where MACE_TORCH_PYTHON names an interpreter that has it. Each load is a
 * process of its own; importing the libraries is not counted on either side.
 *
 *     npm run bench -- load [--models small,medium,large] [--repeat 3]
 *
 * Prints a table and writes `local/load.json`: medians of seconds.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readModelFile, writeModelFile } from '../packages/io/dist/node/index.js';
import { completeModel } from './lib/complete-model.mjs';
import { makeModel } from './lib/peer-model.mjs';
import { waters } from './lib/systems.mjs';

/** @type {Readonly<Record<string, string>>} */
const models = { small: '128x0e', medium: '128x0e+128x1o', large: '128x0e+128x1o+128x2e' };
const modes = /** @type {const} */ ([
  ['f32', 'tables'],
  ['f64', 'exact'],
  ['f64', 'tables'],
]);
const stages = ['read', 'planning', 'tables', 'compilation', 'firstRun', 'nextRun'];
const cutoff = 5;
/** eV per atom: what may lie between energies of one model. Weights are float64 in the file of mace-torch. */
const agreement = { f32: 1e-4, f64: 1e-7 };

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(models).join(',') },
    repeat: { type: 'string', default: '3' },
    output: { type: 'string', default: new URL('local/load.json', import.meta.url).pathname },
  },
});
const repeat = Number(options.repeat);
if (!Number.isInteger(repeat) || repeat < 1)
  throw new Error(`--repeat ${options.repeat}: expected a whole number of at least 1.`);
const wanted = options.models.split(',');
const unknown = wanted.find((name) => !Object.hasOwn(models, name));
if (unknown !== undefined) throw new Error(`--models ${unknown}: expected some of ${Object.keys(models).join(', ')}.`);

const python = process.env['MACE_TORCH_PYTHON'];
const { structure } = waters();
const folder = mkdtempSync(join(tmpdir(), 'mace-load-'));
/** @type {Row[]} */
const rows = [];
try {
  for (const name of wanted) rows.push(...(await measureModel(name)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

/**
 * @typedef {Record<string, number>} Seconds
 * @typedef {{ model: string, precision: string, tables: boolean, side: string, megabytes: number, intervals?: number[],
 *   seconds: Seconds, device?: string }} Row
 */

/** @param {string} name */
async function measureModel(name) {
  const shape = { elements: [1, 8, 14], cutoff, hiddenIrreps: models[name] ?? '', edgesPerAtom: 30 };
  const files = makeModel(folder, shape, false);
  const file = join(folder, `${name}.safetensors`);
  const model = files.model === undefined ? completeModel(shape) : await readModelFile(files.model);
  const megabytes = (await writeModelFile(file, model)) / 1e6;
  const energies = /** @type {Record<string, number>} */ ({});
  const found = /** @type {Row[]} */ ([]);
  for (const [precision, tables] of modes) {
    process.stderr.write(`${name} ${precision} ${tables} …\n`);
    const once = (/** @type {string} */ what) => {
      const script = new URL('./lib/load-once.mjs', import.meta.url).pathname;
      return answerOf(process.execPath, [script, what, file, precision, tables]);
    };
    const totals = Array.from({ length: repeat }, () => once('total'));
    const staged = Array.from({ length: repeat }, () => once('stages'));
    const seconds = { ...medians(totals, ['total', 'again']), ...medians(staged, stages) };
    energies[precision] = totals[0].energy;
    found.push({
      model: name,
      precision,
      tables: tables === 'tables',
      side: 'wasm',
      megabytes,
      intervals: staged[0].intervals,
      seconds,
    });
  }
  if (python === undefined || files.model === undefined) return found;
  for (const precision of /** @type {const} */ (['f32', 'f64'])) {
    process.stderr.write(`${name} ${precision} mace-torch …\n`);
    const request = { model: files.model, precision, cutoff, structure: plain(structure) };
    const script = new URL('./peers/mace_torch_load.py', import.meta.url).pathname;
    const answers = Array.from({ length: repeat }, () => answerOf(python, [script], request));
    const difference = Math.abs(answers[0].energy - (energies[precision] ?? NaN)) / structure.numbers.length;
    if (!(difference <= agreement[precision]))
      throw new Error(
        `${name} ${precision}: energies differ by ${difference} eV/atom; at most ${agreement[precision]}.`,
      );
    const seconds = medians(answers, ['total', 'imports']);
    const { device } = answers[0];
    found.push({ model: name, precision, tables: false, side: 'mace-torch', megabytes, seconds, device });
  }
  return found;
}

/** @param {import('@mace/core').Structure} given */
function plain({ numbers, positions, cell }) {
  return { numbers: [...numbers], positions: [...positions], cell: [...(cell ?? [])] };
}

/** @param {string} program @param {readonly string[]} args @param {object} [request] @returns {any} */
function answerOf(program, args, request) {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const input = request ? JSON.stringify(request) : '';
  const run = spawnSync(program, args, { input, encoding: 'utf8', env: { ...process.env, ...threads } });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${run.stderr.slice(-2000)}`);
  return JSON.parse(run.stdout);
}

/** @param {readonly Record<string, number>[]} runs @param {readonly string[]} names @returns {Seconds} */
function medians(runs, names) {
  return Object.fromEntries(
    names.flatMap((name) => {
      const sorted = runs.flatMap((run) => run[name] ?? []).sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)];
      return median === undefined ? [] : [[name, Number(median.toFixed(4))]];
    }),
  );
}

function report() {
  const result = {
    benchmark: 'load',
    date: new Date().toISOString().slice(0, 10),
    device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    threads: 1,
    structure: '64 waters',
    models,
    repeat,
    rows,
  };
  mkdirSync(new URL('local/', import.meta.url), { recursive: true });
  writeFileSync(options.output, `${JSON.stringify(result, null, 2)}\n`);
  const columns = ['total', 'again', ...stages];
  const lines = rows.map(({ model, precision, tables, side, seconds }) =>
    [
      model,
      `${precision}${tables ? ' with tables' : ''}`,
      side,
      ...columns.map((column) => (seconds[column] === undefined ? '—' : (1000 * seconds[column]).toFixed(0))),
    ].join(' | '),
  );
  const head = `model | precision | what | ${columns.map((column) => `${column} (ms)`).join(' | ')}`;
  process.stdout.write(
    `${result.device}; ${result.runtime}\n\n${head}\n${head.replaceAll(/[^|]+/g, ' --- ').trim()}\n${lines.join('\n')}\n`,
  );
}
