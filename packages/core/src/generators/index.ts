/** Examples from seeds: random graphs and inputs, one small graph per op, tiny models and structures. For tests. */
export { Draw, seededRandom } from './seeded-random.js';
export { defaultDims, randomInputs } from './random-inputs.js';
export type { Dims, RandomInputs, RandomInputsOptions } from './random-inputs.js';
export { randomGraph } from './random-graph.js';
export type { RandomGraph, RandomGraphOptions } from './random-graph.js';
export { opGraphs } from './op-graphs.js';
export type { OpGraph } from './op-graphs.js';
export { exactTable } from './exact-table.js';
export { deterministicModel, tinyModels } from './models.js';
export type { TinyModel, TinyModelName } from './models.js';
export { tinyStructure } from './structures.js';
export type { TinyShape } from './structures.js';
