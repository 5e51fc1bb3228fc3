/** The planner: value passes. Region passes live in the compile pipeline of `core/backend`. */
export { planValues, type ValuePlan } from './plan-values.js';
export type { RowChoice } from './specialize.js';
export { tableGate, type TableGate } from './table-gate.js';
export type { TableReport } from './tabulate.js';
