/** Model files: bytes in, a `MaceModel` out, and back. Nothing in a file is executed. */
export { readModel, type ReadModelOptions } from './read-model.js';
export { inspectModel, type ModelSummary } from './inspect.js';
export { readCheckpoint, type CheckpointOptions } from './checkpoint.js';
export { partialConfigFromJson } from './config-json.js';
export { isolatedAtomEnergies } from './isolated-atoms.js';
export { checkModel } from './model-check.js';
export { RefusedNameError } from './pickle/refused-name.js';
export { sha256 } from './sha256.js';
