/** Molecular dynamics and relaxation on a `System`: of a calculator, or of anything else that gives forces. */
export { startDynamics, type Dynamics, type DynamicsState } from './dynamics.js';
export type { Atoms } from './atoms.js';
export type { DynamicsOptions, EnsembleName } from './options.js';
export { boltzmannConstant, femtosecond, gigapascal, massesOf } from './units.js';
export { relax, type OptimizerName, type RelaxationOptions, type RelaxationProgress } from './relaxation/relax.js';
export { dynamics } from './run/dynamics-run.js';
export type { RunOptions } from './run/run-options.js';
export type { Frame, Stopped } from './run/frame.js';
export type { Distance, GateOptions } from './run/gate.js';
export { logColumns, readLog } from './run/log.js';
export type { Guard, Watched } from './guards/guard.js';
export type { Limits } from './guards/limits.js';
export * from './observers/index.js';
