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
export { dynamics } from './run/dynamics-run.js';
export { givenMomenta, hasMomenta } from './run/given-momenta.js';
export type { RunOptions } from './run/run-options.js';
export type { Frame, Stopped } from './run/frame.js';
export type { Distance, GateOptions } from './run/gate.js';
export { logColumns, readLog } from './run/log.js';
export type { Guard, Watched } from './guards/guard.js';
export { nearAtoms, type Limits } from './guards/limits.js';
export { isResult, resultNames, staleIn } from './stale-results.js';
export * from './observers/index.js';
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
export { fixAtoms, fixLine, fixPlane } from './constraints/fix-atoms.js';
export { heldByMoveMask, withMoveMask } from './constraints/move-mask.js';
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
