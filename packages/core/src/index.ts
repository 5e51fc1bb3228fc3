/**
 * The MACE potential for JavaScript: what most programs need.
 *
 * The parts are under `@mace/core/ir`, `/autodiff`, `/backend`, `/equivariant`, `/structure`, `/model`, `/planner`.
 */
export { createCalculator } from './calculator/index.js';
export { descriptorLayers } from './model/index.js';
export type {
  BindOptions,
  Calculator,
  CalculatorOptions,
  ComputeOptions,
  EvaluateOptions,
  InputOptions,
  PreparedStructures,
  Property,
  Result,
  RunCost,
  System,
  SystemArrays,
  SystemProperty,
  UsedValue,
} from './calculator/index.js';
export { selectBackend, type Considered, type SelectOptions } from './backend/index.js';
export { reference } from './reference/index.js';
export * from './errors.js';
export type { MaceConfig, MaceModel, Tensor, Provenance } from './model/index.js';
export type { Structure } from './structure/index.js';
export type { Backend, BackendDefinition, Cancellation, Precision } from './backend/index.js';
