/** The contract of a backend and what backends share. */
export type * from './contract.js';
export { bindMaps, checkInputs, checkParameters, concreteShape, indexMapValues, sizeOf } from './bind.js';
