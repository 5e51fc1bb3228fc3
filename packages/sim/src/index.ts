/** Molecular dynamics and relaxation on a `System`: of a calculator, or of anything else that gives forces. */
export { startDynamics, type Dynamics, type DynamicsState } from './dynamics.js';
export type { Atoms } from './atoms.js';
export type { DynamicsOptions, EnsembleName } from './options.js';
export { boltzmannConstant, femtosecond, gigapascal, massesOf } from './units.js';
export { relax, type OptimizerName, type RelaxationOptions, type RelaxationProgress } from './relaxation/relax.js';
export * from './observers/index.js';
