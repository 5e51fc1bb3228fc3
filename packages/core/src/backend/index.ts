/** The contract of a backend and what backends share. */
export type * from './contract.js';
export { assembleBackend } from './assemble.js';
export type { BackendParts, BoundInputs, ExecutableParts, MemoryUse, TensorParts } from './assemble.js';
export { bindMaps, checkInputs, checkParameters, concreteShape, sizeOf } from './bind.js';
export { indexMapValues } from './index-maps.js';
export { fusedOperands } from './lowering.js';
export type { Fusion, Lower, LoweringTable, Lowerings } from './lowering.js';
export { planMemory, slotSize } from './memory-plan.js';
export type { MemoryPlan, Slot } from './memory-plan.js';
export { areSiblings, compileProgram, graphPasses, runProgram } from './pipeline.js';
export { edgeRegion } from './regions/edge-region.js';
export type { EdgeDerivative, EdgeRegion, EdgeRows, EdgeTerm, EdgeWeights } from './regions/edge-region.js';
export type { FixedValues, GraphPass, Program, ProgramOptions, Step } from './pipeline.js';
export { probeBackend, selectBackend } from './select.js';
export type { Considered, SelectOptions } from './select.js';
