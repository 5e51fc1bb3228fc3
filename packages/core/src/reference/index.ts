/** The reference backend, and its kernels one by one, for who breaks them on purpose. */
export { reference } from './reference.js';
export { Interpreter } from './interpreter.js';
export { makeKernels, type Kernels, type Value } from './kernels/index.js';
