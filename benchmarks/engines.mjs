/**
 * µs per atom for energy and forces of each backend on the same model and structures, in one run; with mace-torch beside them
 * where MACE_TORCH_PYTHON names an interpreter that has it.
 *
 *     npm run bench -- engines [--channels 32] [--backends onnx,tfjs-wasm] [--repeat 5]
 *
 * Backends take turns, so that a busy minute of the machine falls on all of them. Prints a table and writes
 * `local/engines.json`. A backend that is absent is named with the way to get it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { probeBackend } from '../packages/core/dist/backend/index.js';
import { backendNames, findBackend } from '../packages/cli/dist/backends.js';
import { benchmarkModel, prepare } from './lib/prepared.mjs';
import { silicon, waters } from './lib/systems.mjs';

/** What defines or teaches rather than serves: minutes for a structure. */
const definitions = ['reference', 'typed-arrays'];

const { values: options } = parseArgs({
  options: {
    channels: { type: 'string', default: '32' },
    backends: { type: 'string', default: backendNames.filter((name) => !definitions.includes(name)).join(',') },
    repeat: { type: 'string', default: '5' },
    output: { type: 'string', default: new URL('local/engines.json', import.meta.url).pathname },
  },
});
/** A backend slower than this is timed once, by the run that warms the others up. */
const slowSeconds = 10;

const model = benchmarkModel(Number(options.channels));
const systems = [waters(), silicon()].map(({ name, structure }) => ({ name, structure, ...prepare(model, structure) }));
const rows = [];
for (const system of systems) rows.push(...(await measureSystem(system)));
const result = {
  benchmark: 'engines',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  model: `${model.config.hiddenIrreps}, max_ell 3, correlation 3, cutoff 5 Å, 2 layers`,
  rows,
};
mkdirSync(new URL('local/', import.meta.url), { recursive: true });
writeFileSync(options.output, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`\n${table(result)}\n`);

/** @param {(typeof systems)[number]} system */
async function measureSystem(system) {
  const runners = [];
  for (const name of options.backends.split(',')) runners.push(await openRunner(name, system));
  const torch = torchRunner(system);
  for (let turn = 0; turn < Number(options.repeat); turn++) {
    for (const runner of runners) {
      if (!runner.run || (runner.times[0] ?? 0) > slowSeconds) continue;
      process.stderr.write(`\r${system.name}: ${runner.name}, turn ${turn + 1} of ${options.repeat}        `);
      const began = performance.now();
      await runner.run();
      runner.times.push((performance.now() - began) / 1000);
    }
    torch?.turn();
  }
  process.stderr.write('\n');
  for (const runner of runners) await runner.close();
  const { atoms, edges } = system;
  return [...runners, ...(torch ? torch.rows() : [])].map(({ name, device, threads, times, absent }) => ({
    structure: system.name,
    atoms,
    edgesPerAtom: edges / atoms,
    backend: name,
    device,
    threads,
    precision: 'f32',
    ...(absent !== undefined && { absent }),
    usPerAtom:
      times.length > 0 ? { min: perAtom(Math.min(...times), atoms), median: perAtom(median(times), atoms) } : null,
    runs: times.length,
  }));
}

/**
 * @typedef {{ name: string, device: string, threads: number, times: number[], absent: string | undefined,
 *   run: (() => Promise<unknown>) | undefined, close: () => Promise<void> }} Runner
 */

/**
 * @param {string} name
 * @param {(typeof systems)[number]} system
 * @returns {Promise<Runner>}
 */
async function openRunner(name, { graph, parameters, inputs }) {
  const { definition } = await findBackend(name);
  const availability = await probeBackend(definition);
  /** @type {Runner} */
  const none = { name, device: '', threads: 1, times: [], absent: undefined, run: undefined, close: async () => {} };
  if (!availability.available) return { ...none, absent: `${availability.reason} ${availability.remedy ?? ''}`.trim() };
  const backend = await definition.create();
  const executable = await backend.compile(graph, { precision: 'f32', parameters });
  const run = async () => executable.run(inputs);
  process.stderr.write(`\r${name} warms up        `);
  const began = performance.now();
  await run();
  const seconds = (performance.now() - began) / 1000;
  const times = seconds > slowSeconds ? [seconds] : [];
  return { ...none, device: backend.device, times, run, close: () => backend.dispose() };
}

/**
 * mace-torch on the same structure, with weights of the same shapes, on as many threads.
 * @param {(typeof systems)[number]} system
 */
function torchRunner({ structure, name }) {
  const python = process.env['MACE_TORCH_PYTHON'];
  if (!python) return undefined;
  const times = /** @type {number[]} */ ([]);
  let device = 'mace-torch';
  const script = new URL('peers/mace_torch_time.py', import.meta.url).pathname;
  const request = JSON.stringify({
    channels: Number(options.channels),
    numbers: [...structure.numbers],
    positions: [...structure.positions],
    cell: [...(structure.cell ?? [])],
    threads: 1,
    repeat: 3,
  });
  return {
    turn() {
      process.stderr.write(`\r${name}: mace-torch                          `);
      if (times.length > 0) return;
      // An allocator that keeps its memory, without which system time alone doubles the figure.
      const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: '8589934592', MALLOC_TRIM_THRESHOLD_: '8589934592' };
      const run = spawnSync(python, [script], { input: request, encoding: 'utf8', env, maxBuffer: 1e8 });
      if (run.status !== 0) throw new Error(`mace-torch: ${run.stderr.slice(-2000)}`);
      const answer = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '{}');
      device = answer.device;
      times.push(...answer.seconds);
    },
    rows: () => [{ name: 'mace-torch', device, threads: 1, times, absent: undefined }],
  };
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
