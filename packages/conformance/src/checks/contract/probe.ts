/** What a definition says before anything is created, and whether it is true. */
import { contractVersion, type Capabilities } from '@mace/core/backend';
import type { Check } from './check.js';
import { described, outcomeOf } from './check.js';

export const probeChecks: Readonly<Record<string, Check>> = {
  'probe/contract-number': async ({ definition }) =>
    definition.contract === contractVersion
      ? []
      : [
          `the definition follows contract ${String(definition.contract)}; this kit tests contract ${contractVersion}. Set contract: ${contractVersion}.`,
        ],

  'probe/resolves': async ({ definition }) => {
    for (let i = 0; i < 3; i++) {
      const outcome = await outcomeOf(() => definition.probe());
      if (outcome.thrown)
        return [
          `probe, call ${i + 1}: ${described(outcome.error)}. It must never throw: catch, and say { available: false, reason, remedy }.`,
        ];
    }
    return [];
  },

  'probe/agrees-with-create': async (subject) => {
    const backend = await subject.backend();
    const probed = await outcomeOf(() => subject.definition.probe());
    if (probed.thrown) return { unavailable: 'probe throws.' };
    const availability = await subject.definition.probe();
    if (!availability.available)
      return [`probe says that the backend is not available (${availability.reason}), but create made one.`];
    const said = facts(subject.definition.name, availability.device, availability.capabilities);
    const made = facts(backend.name, backend.device, backend.capabilities);
    return Object.entries(said)
      .filter(([fact, value]) => made[fact] !== value)
      .map(
        ([fact, value]) =>
          `${fact}: probe says ${value}, the backend that create makes says ${made[fact]}. Use one constant for both.`,
      );
  },

  'probe/allocates-nothing': async (subject) => {
    const backend = await subject.backend();
    const before = backend.memory();
    for (let i = 0; i < 3; i++) await outcomeOf(() => subject.definition.probe());
    const after = backend.memory();
    return after.liveBytes <= before.liveBytes && after.liveBuffers <= before.liveBuffers
      ? []
      : [
          `three probes left ${after.liveBytes - before.liveBytes} bytes in ${after.liveBuffers - before.liveBuffers} buffers; expected none. Release whatever probe opens.`,
        ];
  },
};

function facts(name: string, device: string, capabilities: Capabilities): Record<string, string> {
  return {
    name,
    device,
    precisions: [...capabilities.precisions].sort().join(' and '),
    deterministic: String(capabilities.deterministic),
    specials: capabilities.specials ?? 'finite',
    deviceTensors: String(capabilities.deviceTensors),
    maxBufferBytes: String(capabilities.maxBufferBytes),
  };
}
