/** Structures in, energies, forces and stress out. */
export {
  createCalculator,
  descriptorLayers,
  type Calculator,
  type CalculatorOptions,
  type EvaluateOptions,
  type Property,
} from './calculator.js';
export type { InputOptions } from './model-inputs.js';
export type { Result, UsedValue, ValueSource } from './results.js';
export type { PreparedStructures, RunCost } from './prepared.js';
export type { BindOptions, ComputeOptions, System, SystemArrays, SystemProperty } from './system.js';
