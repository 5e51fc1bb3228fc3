/**
 * One load of a model file in benchmarks/load.mjs, a process of its own: `load-once.mjs total|stages FILE PRECISION TABLES`.
 * Prints a JSON object of seconds.
 *
 * `total` goes through the public interface, twice, so that the second calculator finds what the first one compiled. `stages`
 * does the same step by step.
 */
import { createCalculator } from '../../packages/core/dist/index.js';
import { simplify } from '../../packages/core/dist/ir/index.js';
import { maceGraph, observablesGraph } from '../../packages/core/dist/model/index.js';
import { planValues, tableGate } from '../../packages/core/dist/planner/index.js';
import { readModelFile } from '../../packages/io/dist/node/index.js';
import { wasm } from '../../packages/backend-wasm/dist/index.js';
import { inputsOf, parametersOf } from './prepared.mjs';
import { waters } from './systems.mjs';

const [what, file = '', precisionName, withTables] = process.argv.slice(2);
const precision = precisionName === 'f64' ? 'f64' : 'f32';
const tables = withTables === 'tables';
const { structure } = waters();
process.stdout.write(`${JSON.stringify(await (what === 'stages' ? stages() : total()))}\n`);

async function total() {
  const [first, energy] = await fromFile();
  const [again] = await fromFile();
  return { total: first, again, energy };
}

/** Seconds from the file to energy and forces, and the energy in eV. @returns {Promise<[number, number]>} */
async function fromFile() {
  const began = performance.now();
  const model = await readModelFile(file);
  const calculator = await createCalculator({ model, backend: wasm({ threads: 1 }), precision, tables });
  const { energy } = await calculator.evaluate(structure, { properties: ['forces'] });
  const seconds = (performance.now() - began) / 1000;
  await calculator.dispose();
  return [seconds, energy];
}

async function stages() {
  /** @type {Record<string, number>} */
  const seconds = {};
  /** @template T @param {string} stage @param {() => T | Promise<T>} work */
  const timed = async (stage, work) => {
    const began = performance.now();
    const result = await work();
    seconds[stage] = (seconds[stage] ?? 0) + (performance.now() - began) / 1000;
    return result;
  };
  const model = await timed('read', () => readModelFile(file));
  const { species, inputs } = inputsOf(model, structure);
  const exact = await timed('planning', () => planValues(maceGraph(model), parametersOf(model), { species }));
  let plan = exact;
  if (tables) {
    // What is planned stays as it is; how long that takes to find out is no part of the tables.
    const began = performance.now();
    planValues(exact.graph, exact.parameters);
    const planned = (performance.now() - began) / 1000;
    const gate = tableGate(precision, model.config.cutoff);
    plan = await timed('tables', () => planValues(exact.graph, exact.parameters, {}, gate));
    seconds['tables'] = Math.max(0, (seconds['tables'] ?? 0) - planned);
  }
  const graph = await timed('planning', () => simplify(observablesGraph(plan.graph, ['atomEnergy', 'forces'])));
  const backend = await wasm({ threads: 1 }).create();
  const executable = await timed('compilation', () =>
    backend.compile(graph, { precision, parameters: plan.parameters }),
  );
  await timed('firstRun', () => executable.run(inputs));
  await timed('nextRun', () => executable.run(inputs));
  await backend.dispose();
  return { ...seconds, intervals: plan.tables.map(({ intervals }) => intervals) };
}
