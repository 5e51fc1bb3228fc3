/** The contract of a backend and what backends share. */
export type * from './contract.js';
export { bindMaps, checkInputs, checkParameters, concreteShape, sizeOf } from './bind.js';
export { indexMapValues } from './index-maps.js';
