/** The promises of the backend contract, one check each. `contract/` holds them by idea. */
import type { ContractCase, Verdict } from '../case.js';
import type { Subject } from '../subject.js';
import { bindingChecks } from './contract/binding.js';
import { cancellationChecks } from './contract/cancellation.js';
import { described, type Check, type Finding } from './contract/check.js';
import { determinismChecks } from './contract/determinism.js';
import { deviceTensorChecks } from './contract/device-tensors.js';
import { geometryChecks } from './contract/geometry.js';
import { geometryRefusalChecks } from './contract/geometry-refusals.js';
import { graphChecks } from './contract/graphs.js';
import { inputChecks } from './contract/inputs.js';
import { isolationChecks } from './contract/isolation.js';
import { lifetimeChecks } from './contract/lifetime.js';
import { limitChecks } from './contract/limits.js';
import { memoryChecks } from './contract/memory.js';
import { neighborChecks } from './contract/neighbors.js';
import { outputChecks } from './contract/outputs.js';
import { overlapChecks } from './contract/overlap.js';
import { parameterChecks } from './contract/parameters.js';
import { partialChangeChecks } from './contract/partial-changes.js';
import { precisionChecks } from './contract/precision.js';
import { probeChecks } from './contract/probe.js';
import { repetitionChecks } from './contract/repetition.js';
import { reportChecks } from './contract/report.js';
import { sizeChecks } from './contract/sizes.js';

const checks: Readonly<Record<string, Check>> = {
  ...probeChecks,
  ...isolationChecks,
  ...graphChecks,
  ...inputChecks,
  ...outputChecks,
  ...parameterChecks,
  ...precisionChecks,
  ...sizeChecks,
  ...partialChangeChecks,
  ...bindingChecks,
  ...repetitionChecks,
  ...overlapChecks,
  ...determinismChecks,
  ...limitChecks,
  ...memoryChecks,
  ...lifetimeChecks,
  ...cancellationChecks,
  ...deviceTensorChecks,
  ...reportChecks,
  ...geometryChecks,
  ...geometryRefusalChecks,
  ...neighborChecks,
};

/** Names of all promises: `group/promise`. */
export const contractNames: readonly string[] = Object.keys(checks);

/** @throws what the device throws when it is lost; everything else that goes wrong is a problem of the verdict */
export async function checkContract(subject: Subject, { check: name, path }: ContractCase): Promise<Verdict> {
  const finding = await checks[name]!(subject).catch((error: unknown): Finding => {
    // The runner makes a new backend after this one.
    if ((Object(error) as { code?: unknown }).code === 'device') throw error;
    return [`the check itself could not go on: ${described(error)}.`];
  });
  if ('unavailable' in finding) return { worst: null, problems: [], unavailable: finding.unavailable };
  return { worst: null, problems: finding.map((message) => ({ check: path, message })) };
}
