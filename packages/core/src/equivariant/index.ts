/** The algebra of rotations: irreps, coupling, harmonics, and the tables they become. */
export * from './irreps.js';
export { largestDegree, wigner3j } from './clebsch-gordan.js';
export { sphericalHarmonicsTable } from './spherical-harmonics.js';
export { channelwiseProduct, type ChannelwiseProduct, type ProductPath } from './tensor-product.js';
export { couplingBasis, denseToEntries, symmetricContractionTable, type CouplingEntries, type CouplingEntry } from './symmetric-product.js';
export { activationConstants } from './activation.js';
