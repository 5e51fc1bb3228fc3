/**
 * One evaluation by the build of some checkout in benchmarks/against.mjs, a process of its own (requests and answers by the line, as in
 * benchmarks/peers/turns.py): `build-of.mjs ROOT`. The first request names what is evaluated and times the first call; each later one
 * asks for so many runs.
 */
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const root = pathToFileURL(`${process.argv[2]}/`);
/** @type {typeof import('@mace/core')} */
const { createCalculator } = await import(new URL('packages/core/dist/index.js', root).href);
/** @type {typeof import('@mace/core/structure')} */
const { makeStructure } = await import(new URL('packages/core/dist/structure/index.js', root).href);
/** @type {typeof import('@mace/backend-wasm')} */
const { wasm } = await import(new URL('packages/backend-wasm/dist/index.js', root).href);
/** @type {typeof import('@mace/models/node')} */
const { readModel } = await import(new URL('packages/models/dist/node/index.js', root).href);

/** @type {(() => Promise<import('@mace/core').Result>) | undefined} */
let evaluate;
for await (const line of createInterface(process.stdin)) {
  const request = JSON.parse(line);
  answer(evaluate ? { seconds: await secondsOf(evaluate, request.runs) } : await setUp(request));
}

/**
 * The first call, from a model that is read to forces.
 * @param {{ precision: 'f32' | 'f64', tables: boolean, structure: import('@mace/core/structure').StructureInput }} request
 */
async function setUp({ precision, tables, structure }) {
  const model = await readModel('bundled');
  const given = makeStructure(structure);
  const began = performance.now();
  const calculator = await createCalculator({ model, backend: wasm({ threads: 1 }), precision, tables });
  evaluate = () => calculator.evaluate(given, { properties: ['forces'] });
  const { energy, forces = [] } = await evaluate();
  const seconds = (performance.now() - began) / 1000;
  return { seconds, energy, forces: [...forces], device: calculator.device };
}

/** @param {() => Promise<unknown>} run @param {number} runs */
async function secondsOf(run, runs) {
  const seconds = [];
  while (seconds.length < runs) {
    const began = performance.now();
    await run();
    seconds.push((performance.now() - began) / 1000);
  }
  return seconds;
}

/** @param {object} value */
function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
