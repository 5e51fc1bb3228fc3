/** Observers of structures that move, and how they are written. */
export type {
  Column,
  Frame as ObservedFrame,
  Observer,
  ObserverResult,
  ObserverState,
  Quantity,
  Table,
} from './observer.js';
export { BondLengths, type BondPair } from './bond-lengths.js';
export { Density } from './density.js';
export { MeanSquareDisplacement, type MeanSquareDisplacementOptions } from './mean-square-displacement.js';
export { parseObservers, type ObserverPlan } from './parse-observers.js';
export { RadialDistribution, type RadialDistributionOptions } from './radial-distribution.js';
export { columnTitle, readTable, tableText } from './table.js';
export { VelocityAutocorrelation, type VelocityAutocorrelationOptions } from './velocity-autocorrelation.js';
