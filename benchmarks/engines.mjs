/**
 * µs per atom for energy and forces of each backend on the same model and structures, in one run; with mace-torch beside them
 * where MACE_TORCH_PYTHON names an interpreter that has it, and with the engines of a page in a headless Chromium, all in one page.
 *
 *     npm run bench -- engines [--channels 32] [--backends onnx,webgpu-page,onnx-webgpu,tfjs-webgpu] [--repeat 5]
 *
 * Backends take turns, so that a busy minute of the machine falls on all of them. Prints a table and writes
 * `local/engines.json`. A backend that is absent is named with the way to get it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { backendNames as knownNames } from '../packages/cli/dist/backends/index.js';
import { findBackend } from '../packages/cli/dist/backends/index.js';
import { moduleOf, pageBackends } from '../scripts/lib/page-backends.mjs';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';
import { timeInTurns } from './lib/engine-turns.mjs';
import { benchmarkModel, prepare } from './lib/prepared.mjs';
import { fewWaters, silicon, waters } from './lib/systems.mjs';

/** What defines or teaches rather than serves: minutes for a structure. */
const definitions = ['reference', 'typed-arrays'];
/** Seconds of a run beyond which a backend is not tried on a structure. */
const mostSeconds = 60;
/** Those of a page that run on the same device as each other. */
const onWebgpu = ['webgpu-page', 'onnx-webgpu', 'tfjs-webgpu'];
/** @type {readonly string[]} */
const backendNames = knownNames;
const everywhere = backendNames.filter((name) => !definitions.includes(name));

const { values: options } = parseArgs({
  options: {
    channels: { type: 'string', default: '32' },
    backends: { type: 'string', default: [...everywhere, ...onWebgpu].join(',') },
    repeat: { type: 'string', default: '5' },
    output: { type: 'string', default: new URL('local/engines.json', import.meta.url).pathname },
  },
});
const channels = wholeNumber('channels');
const repeat = wholeNumber('repeat');
const names = options.backends.split(',');
const unknown = names.filter((name) => !backendNames.includes(name) && !(name in pageBackends));
if (unknown.length > 0)
  throw new Error(
    `--backends ${unknown.join(',')}: expected some of ${[...backendNames, ...Object.keys(pageBackends)].join(', ')}.`,
  );

/** By the name of what makes it in `lib/systems.mjs`, the smallest first. */
const structures = { fewWaters, waters, silicon };
/** @type {Awaited<ReturnType<typeof measure>>} */
const rows = [];
for (const [key, make] of Object.entries(structures)) {
  const slow = names.filter((name) => rows.some((row) => row.backend === name && takes(row, make()) > mostSeconds));
  rows.push(...(await measure(key, make(), slow)));
}
const result = {
  benchmark: 'engines',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  model: `${benchmarkModel(channels).config.hiddenIrreps}, max_ell 3, correlation 3, cutoff 5 Å, 2 layers`,
  rows,
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
writeFileSync(options.output, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`\n${table(result)}\n`);

/**
 * @param {string} key - of the structure
 * @param {ReturnType<typeof waters>} system
 * @param {readonly string[]} slow - backends that are not tried
 */
async function measure(key, { name: structure, structure: atoms }, slow) {
  const progress = (/** @type {string} */ text) => process.stderr.write(`\r\x1b[K${structure}: ${text}`);
  const prepared = prepare(benchmarkModel(channels), atoms);
  const tried = names.filter((name) => !slow.includes(name));
  const inNode = [];
  for (const name of tried.filter((one) => backendNames.includes(one)))
    inNode.push({ name, definition: (await findBackend(name)).definition });
  const timed = [
    ...(await timeInTurns(inNode, prepared, { repeat, progress })),
    ...(await timeInPage(key, tried, progress)),
    ...slow.map((name) => ({
      name,
      device: '',
      seconds: [],
      absent: `not tried: a run would take over ${mostSeconds} s`,
    })),
    ...mace(atoms, progress),
  ];
  process.stderr.write('\n');
  return timed.map(({ name, device, seconds, absent }) => ({
    structure,
    atoms: prepared.atoms,
    edgesPerAtom: prepared.edges / prepared.atoms,
    backend: name,
    device,
    precision: 'f32',
    ...(absent !== undefined && { absent }),
    usPerAtom:
      seconds.length > 0
        ? { min: perAtom(Math.min(...seconds), prepared.atoms), median: perAtom(median(seconds), prepared.atoms) }
        : null,
    runs: seconds.length,
  }));
}

/**
 * The backends of a page, all in one, which makes model and structure itself.
 *
 * @param {string} key - of the structure
 * @param {readonly string[]} tried
 * @param {(text: string) => void} progress
 * @returns {Promise<Awaited<ReturnType<typeof timeInTurns>>>}
 */
async function timeInPage(key, tried, progress) {
  const wanted = tried.filter((name) => name in pageBackends);
  if (wanted.length === 0) return [];
  if (!findChromium())
    return wanted.map((name) => ({
      name,
      device: '',
      seconds: [],
      absent: 'no Chromium. Install it, or set CHROMIUM.',
    }));
  const source = `
    ${wanted.map((name, i) => `import { definition as definition${i} } from 'page:${name}';`).join('\n')}
    import { timeInTurns } from './benchmarks/lib/engine-turns.mjs';
    import { benchmarkModel, prepare } from './benchmarks/lib/prepared.mjs';
    import { ${key} } from './benchmarks/lib/systems.mjs';
    const backends = [${wanted.map((name, i) => `{ name: '${name}', definition: definition${i} }`).join(', ')}];
    export const main = (progress) =>
      timeInTurns(backends, prepare(benchmarkModel(${channels}), ${key}().structure), { repeat: ${repeat}, progress });`;
  return runInPage(source, {
    modules: Object.fromEntries(wanted.map((name) => [name, moduleOf(name)])),
    assets: wanted.flatMap((name) => pageBackends[name]?.assets ?? []),
    onProgress: progress,
    timeoutSeconds: 7200,
  });
}

/**
 * mace-torch on the same structure, with weights of the same shapes, on one thread.
 *
 * @param {ReturnType<typeof waters>['structure']} structure
 * @param {(text: string) => void} progress
 */
function mace(structure, progress) {
  const python = process.env['MACE_TORCH_PYTHON'];
  if (!python) return [];
  progress('mace-torch');
  const script = new URL('peers/mace_torch_time.py', import.meta.url).pathname;
  const request = JSON.stringify({
    channels,
    numbers: [...structure.numbers],
    positions: [...structure.positions],
    cell: [...(structure.cell ?? [])],
    threads: 1,
    repeat,
  });
  // An allocator that keeps its memory, without which system time alone doubles the figure.
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: '8589934592', MALLOC_TRIM_THRESHOLD_: '8589934592' };
  const run = spawnSync(python, [script], { input: request, encoding: 'utf8', env, maxBuffer: 1e8 });
  if (run.status !== 0) throw new Error(`mace-torch: ${run.stderr.slice(-2000)}`);
  const { device, seconds } = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '{}');
  return [{ name: 'mace-torch', device, seconds, absent: undefined }];
}

/**
 * What a run on a structure would take in seconds, by what it took on another.
 *
 * @param {{ usPerAtom: { min: number } | null }} row
 * @param {ReturnType<typeof waters>} system
 */
function takes({ usPerAtom }, { structure }) {
  return (structure.numbers.length * (usPerAtom?.min ?? 0)) / 1e6;
}

/** @param {'channels' | 'repeat'} name */
function wholeNumber(name) {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} ${options[name]}: expected a whole number of at least 1.`);
  return value;
}

/** @param {typeof result} result */
function table({ rows, device, runtime, model }) {
  const lines = rows.map(({ structure, backend, device: on, usPerAtom, edgesPerAtom, absent }) =>
    [
      structure,
      edgesPerAtom.toFixed(0),
      backend,
      usPerAtom ? usPerAtom.min.toFixed(0) : '—',
      usPerAtom ? usPerAtom.median.toFixed(0) : '—',
      absent ?? on,
    ].join(' | '),
  );
  return [
    `${device}; ${runtime}; ${model}; float32, energy + forces`,
    '',
    'structure | edges/atom | backend | µs/atom (best) | µs/atom (median) | device',
    '--- | --- | --- | --- | --- | ---',
    ...lines,
  ].join('\n');
}

/** @param {number} seconds @param {number} atoms */
function perAtom(seconds, atoms) {
  return (1e6 * seconds) / atoms;
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
