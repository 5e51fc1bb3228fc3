/** The reference backend. */
export { reference } from './reference.js';
export { Interpreter } from './interpreter.js';
export { makeKernels, type Kernels, type Value } from './kernels/index.js';
