/** Faults of an engine around its kernels: what it keeps, shares, skips or forgets, under a drawn condition. */
import type { FaultDraw } from './draw.js';
import type { EngineFault } from './engine-fault.js';
import {
  inputsRemembered,
  mapsRemembered,
  parametersShared,
  parametersSkipped,
  resultsShared,
  tensorsShared,
} from './keeping-faults.js';
import {
  brokenAfter,
  compilationsConfused,
  deviceRunsMixed,
  disposesTooMuch,
  emptyMember,
  memoryKept,
  runsMixed,
  throwsOrHangs,
} from './running-faults.js';

/** One fault of an engine. */
export function drawEngineFault(draw: FaultDraw): EngineFault {
  return draw.choose(templates)(draw);
}

const templates: readonly ((draw: FaultDraw) => EngineFault)[] = [
  parametersSkipped,
  parametersSkipped,
  parametersShared,
  inputsRemembered,
  inputsRemembered,
  mapsRemembered,
  resultsShared,
  runsMixed,
  runsMixed,
  deviceRunsMixed,
  deviceRunsMixed,
  tensorsShared,
  brokenAfter,
  brokenAfter,
  memoryKept,
  memoryKept,
  compilationsConfused,
  emptyMember,
  throwsOrHangs,
  disposesTooMuch,
];
