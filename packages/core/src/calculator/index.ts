/** Structures in, energies, forces and stress out. */
export { createCalculator } from './calculator.js';
export type { Calculator, CalculatorOptions, EvaluateOptions, Property } from './interface.js';
export type { InputOptions } from './model-inputs.js';
export type { Result, UsedValue, ValueSource } from './results.js';
export type { PreparedStructures, RunCost } from './prepared.js';
export type { BindOptions, ComputeOptions, System, SystemArrays, SystemProperty } from './system.js';
