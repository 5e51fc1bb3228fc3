/** Molecular dynamics and relaxation on a `System`: of a calculator, or of anything else that gives forces. */
export { startDynamics, type Dynamics, type DynamicsState } from './dynamics.js';
export type { Atoms } from './atoms.js';
export { constrainMomenta, drift, kick, kineticEnergies, scaleMomenta } from './atoms.js';
export { holdBonds, type BondOptions, type HeldTogether } from './constraints/bonds.js';
export type { Constraint } from './constraints/constraint.js';
export { bondsToHydrogen } from './constraints/find-bonds.js';
export type { Ensemble, EnsembleSettings, MakeEnsemble } from './ensembles/ensemble.js';
export {
  checkedOptions,
  type CheckedOptions,
  type DynamicsOptions,
  type EnsembleAlias,
  type EnsembleName,
  type Equilibration,
} from './options.js';
export { purpose, RandomStream } from './random.js';
export { valueAt, type Ramp } from './ramp.js';
export { boltzmannConstant, femtosecond, gigapascal, massesOf } from './units.js';
export { relax, type OptimizerName, type RelaxationOptions, type RelaxationProgress } from './relaxation/relax.js';
