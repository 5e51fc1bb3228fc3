/** The contract of a backend and what backends share. */
export type * from './contract.js';
export { assembleBackend } from './assemble.js';
export type {
  BackendParts,
  BindingParts,
  BoundSizes,
  BoundValues,
  ExecutableParts,
  MemoryUse,
  RunParts,
  TensorParts,
} from './parts.js';
export { isYieldDue, yieldToEventLoop } from './event-loop.js';
export { countOf, multiplyAddsOf } from './costs.js';
export type { MultiplyAdds } from './costs.js';
export { bindMaps, checkInputs, checkParameters, concreteShape, sizeOf } from './bind.js';
export { indexMapValues } from './index-maps.js';
export { fusedOperands } from './lowering.js';
export type { Fusion, Lower, LoweringTable, Lowerings } from './lowering.js';
export { anything, checkOptions, oneOf, someName, trueOrFalse, wholeNumber } from './options.js';
export type { OptionRule, OptionRules } from './options.js';
export { planMemory, slotSize } from './memory-plan.js';
export type { MemoryPlan, Slot } from './memory-plan.js';
export { planPhaseMemory } from './phase-memory.js';
export type { PhaseMemory, PhaseSlot, SlotHome } from './phase-memory.js';
export { planPhases, rowDim, rowNumbers } from './phases.js';
export type { Phase, PhasePlan } from './phases.js';
export { areSiblings, compileProgram, foldProgram, graphPasses, runProgram } from './pipeline.js';
export { edgeRegion, ownedBy } from './regions/edge-region.js';
export type { EdgeDerivative, EdgeRegion, EdgeRows, EdgeTerm, EdgeWeights } from './regions/edge-region.js';
export type { FixedValues, GraphPass, Program, ProgramOptions, Step } from './pipeline.js';
export { contractVersion, probeBackend, selectBackend } from './select.js';
export type { Considered, SelectOptions } from './select.js';
export { differentShifts, shiftVectors, type DifferentShifts } from './edge-shifts.js';
export { Turns } from './turns.js';
