/**
 * `@mace/core/equivariant`: irreps, and the polynomial tables of harmonics, tensor products and symmetric products.
 */
export * from './activation.js';
export { MAX_DEGREE, wigner3j } from './clebsch-gordan.js';
export * from './coupling-basis.js';
export { denseToEntries, entriesToDense, type CouplingEntries } from './coupling-entries.js';
export * from './irreps.js';
export * from './spherical-harmonics.js';
export * from './symmetric-product.js';
export * from './tensor-product.js';
export * from './wigner.js';
