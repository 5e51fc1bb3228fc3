/** The reference backend. */
export { reference } from './reference.js';
export { Interpreter } from './interpreter.js';
