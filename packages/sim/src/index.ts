/** Molecular dynamics and relaxation on a `System`: of a calculator, or of anything else that gives forces. */
export { startDynamics, type Dynamics, type DynamicsState } from './dynamics.js';
export type { Atoms } from './atoms.js';
export type { DynamicsOptions, EnsembleName } from './options.js';
export { boltzmannConstant, femtosecond, gigapascal, massesOf } from './units.js';
export { relaxSystem, type RelaxSystemOptions } from './relaxation/relax-system.js';
export {
  startRelaxation,
  type Computed,
  type ComputedStructure,
  type Relaxation,
  type RelaxationEnd,
} from './relaxation/relaxation.js';
export type { OptimizerName, RelaxationOptions } from './relaxation/options.js';
export type { Move, Optimizer, Point } from './relaxation/optimizer.js';
export type { Constraint } from './constraints/constraint.js';
export { fixAtoms, fixLine, fixPlane } from './constraints/fix-atoms.js';
export { relax, type NotRelaxed, type Passed, type Relaxed, type RelaxOptions } from './batch/relax.js';
export { batched, type BatchOptions, type Given, type Outcome } from './batch/batcher.js';
export type { Mover } from './batch/mover.js';
export { fitEquationOfState, type FittedEquation } from './eos/fit.js';
export { equationsOfState, type EquationName, type EquationOfState } from './eos/equations.js';
export {
  equationsOfStateOf,
  type EquationOfStateOptions,
  type StateEquation,
  type VolumePoint,
} from './eos/equation-of-state.js';
export { keepSymmetry, symmetrize } from './constraints/symmetry.js';
export type { Operation, SpaceGroup } from './constraints/space-group.js';
export type { CellOptions } from './relaxation/options.js';
export { fixBondLengths } from './constraints/bond-lengths.js';
