/**
 * The gradient that trains on energies and forces beside energies and forces themselves: a medium model of 64 channels, nothing folded,
 * 10 molecules of 20 atoms, WebAssembly, one thread, float32. The two run in turns.
 *
 *     npm run bench -- training
 *
 * Prints the ratio and where the time of the gradient goes, and writes `local/training.json`.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { indexMapValues } from '../packages/core/dist/backend/index.js';
import { seededRandom } from '../packages/core/dist/generators/index.js';
import { simplify } from '../packages/core/dist/ir/index.js';
import {
  maceGraph,
  observablesGraph,
  parameterGradientGraph,
  parameterShapes,
} from '../packages/core/dist/model/index.js';
import { buildEdges } from '../packages/core/dist/structure/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';
import { benchmarkModel } from './lib/prepared.mjs';
import { droplet } from './lib/systems.mjs';

const warmUpRuns = 12;
const pairs = 25;
const molecules = 10;

const model = benchmarkModel(64);
const { config } = model;
const structures = Array.from({ length: molecules }, (_, i) => droplet(20, 17 * i));
const edges = buildEdges(structures, config.cutoff);
const species = structures.flatMap(({ numbers }) => Array.from(numbers, (z) => config.atomicNumbers.indexOf(z)));
const maps = {
  sender: edges.sender,
  receiver: edges.receiver,
  graph: edges.graph,
  species: indexMapValues(Int32Array.from(species), config.atomicNumbers.length),
  head: indexMapValues(new Int32Array(molecules), 1),
};
const dims = { atoms: edges.atoms, edges: edges.edges, graphs: molecules };
const random = seededRandom(1);
const loss = {
  edgeTangent: Float64Array.from({ length: 3 * edges.edges }, () => random() - 0.5),
  energyCotangent: Float64Array.from({ length: molecules }, () => random() - 0.5),
};
const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
const names = parameterShapes(config).map(({ name }) => name);

const backend = await (await backendNamed('wasm', { threads: 1 })).create();
const energy = maceGraph(model);
const compiled = await Promise.all(
  [observablesGraph(energy, ['atomEnergy', 'forces']), parameterGradientGraph(energy, names)].map((graph) =>
    backend.compile(simplify(graph), { precision: 'f32', parameters }),
  ),
);
const [forces, gradient] =
  /** @type {[import('@mace/core/backend').Executable, import('@mace/core/backend').Executable]} */ (compiled);
const inputs = { dims, maps, values: { edgeVectors: edges.vectors } };
const lossInputs = { ...inputs, values: { ...inputs.values, ...loss } };
for (let run = 0; run < warmUpRuns; run++) {
  await forces.run(inputs);
  await gradient.run(lossInputs);
}
const turns = [];
for (let pair = 0; pair < pairs; pair++) {
  const began = performance.now();
  await forces.run(inputs);
  const between = performance.now();
  await gradient.run(lossInputs);
  turns.push({ forces: between - began, gradient: performance.now() - between });
}
/** @type {Map<string, number>} */
const profile = new Map();
await gradient.run(lossInputs, {
  profile: (kernel, seconds) => void profile.set(kernel, (profile.get(kernel) ?? 0) + 1000 * seconds),
});

const milliseconds = {
  forces: median(turns.map((turn) => turn.forces)),
  gradient: median(turns.map((turn) => turn.gradient)),
};
const kernels = [...profile].sort((a, b) => b[1] - a[1]).slice(0, 12);
const result = {
  benchmark: 'training',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${backend.device}`,
  atoms: edges.atoms,
  edgesPerAtom: edges.edges / edges.atoms,
  milliseconds,
  ratio: median(turns.map((turn) => turn.gradient / turn.forces)),
  kernels: kernels.map(([kernel, took]) => ({ kernel, milliseconds: took })),
};
writeFileSync(new URL('local/training.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  [
    `${result.device}; ${result.runtime}; ${result.atoms} atoms, ${result.edgesPerAtom.toFixed(1)} edges per atom; medians of ${pairs}`,
    '',
    'what | ms',
    '--- | ---',
    `energy + forces | ${milliseconds.forces.toFixed(1)}`,
    `gradient of a loss on both | ${milliseconds.gradient.toFixed(1)}`,
    `ratio | ${result.ratio.toFixed(2)}`,
    '',
    'kernel of the gradient | ms',
    '--- | ---',
    ...kernels.map(([kernel, took]) => `${kernel} | ${took.toFixed(1)}`),
    '',
  ].join('\n'),
);
await backend.dispose();

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
