/** A calculator that computes in a worker: planning, compilation and runs hold that thread, and never the one that asks. */
export { serveCalculator, type ServedBackends } from './serve.js';
export { connectCalculator, disconnectCalculators, type ConnectOptions } from './connect.js';
export type { Port } from './port.js';
