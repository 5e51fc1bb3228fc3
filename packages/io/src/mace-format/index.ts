/** Our own model files, safetensors with a header that says what the weights are of. Small by itself: a page may need no other. */
export { readModelBytes, writeModelBytes } from './mace-format.js';
export { readSafeTensors, writeSafeTensors, type SafeTensors } from './safetensors.js';
export { modelHash } from './model-hash.js';
