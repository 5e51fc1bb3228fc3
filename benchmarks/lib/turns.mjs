/**
 * One of our backends in benchmarks/suite.mjs, a process of its own (protocol: benchmarks/peers/turns.py): energy + forces
 * on a graph prepared with tables.
 */
import { createInterface } from 'node:readline';
import { createCalculator } from '../../packages/core/dist/index.js';
import { makeStructure } from '../../packages/core/dist/structure/index.js';
import { readModelFile } from '../../packages/io/dist/node/index.js';
import { backendNamed } from '../../packages/cli/dist/backends/index.js';
import { seededModel } from './prepared.mjs';

/** @type {import('@mace/core').PreparedStructures | undefined} */
let prepared;
for await (const line of createInterface(process.stdin)) {
  const request = JSON.parse(line);
  if (request.backend !== undefined) answer(await setUp(request));
  else if (!prepared) throw new Error('the first request sets up: backend, precision, structure');
  else if (request.forces) answer({ forces: [...((await prepared.run())[0]?.forces ?? [])] });
  else answer({ seconds: await secondsOf(prepared, request.runs) });
}

/**
 * @param {{ backend: string, precision: 'f32' | 'f64', threads: number, model: string | undefined,
 *   shape: import('./prepared.mjs').ModelShape, structure: { numbers: number[], positions: number[], cell: number[] } }} request
 */
async function setUp({ backend, precision, threads, model: file, shape, structure }) {
  const model = file === undefined ? seededModel(shape) : await readModelFile(file);
  const definition = await backendNamed(backend, backend === 'wasm' ? { threads } : {});
  const calculator = await createCalculator({ model, backend: definition, precision, tables: true });
  prepared = await calculator.prepare([makeStructure(structure)], { properties: ['forces'] });
  return {
    edges: prepared.edges,
    device: calculator.device,
    versions: { node: process.versions.node, v8: process.versions.v8 },
    threads,
    tables: prepared.withTables === 1,
    multiplyAdds: prepared.cost()?.multiplyAdds,
    peak: await calculator.peak(),
  };
}

/** @param {import('@mace/core').PreparedStructures} work @param {number} runs */
async function secondsOf(work, runs) {
  const seconds = [];
  while (seconds.length < runs) {
    const began = performance.now();
    await work.run();
    seconds.push((performance.now() - began) / 1000);
  }
  return seconds;
}

/** @param {object} value */
function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
