/** Whether the settings of a model are possible at all, before its weights are looked at. */
import { FormatError, type MaceConfig } from '@mace/core';
import { parseIrreps } from '@mace/core/equivariant';
import { channelCount } from '@mace/core/model';
import { quoteJson } from './quote.js';

/** Limits that keep a hostile configuration from asking for more than any model needs. @throws FormatError that names the setting */
export function checkConfig(config: MaceConfig): void {
  const fail = (what: string, expected: string, got: unknown): never => {
    throw new FormatError(
      `The configuration of the model is invalid: ${what}: expected ${expected}, got ${quoteJson(got)}. The file is damaged, or its settings are not those of its weights.`,
    );
  };
  const { atomicNumbers, numInteractions: layers } = config;
  if (
    atomicNumbers.length === 0 ||
    !atomicNumbers.every((z) => Number.isInteger(z) && z >= 1 && z <= 118) ||
    new Set(atomicNumbers).size !== atomicNumbers.length
  ) {
    fail('atomicNumbers', 'different atomic numbers from 1 to 118', atomicNumbers);
  }
  if (!(config.cutoff > 0 && config.cutoff < 1000)) fail('cutoff', 'a positive length in Å', config.cutoff);
  if (!(Number.isInteger(config.cutoffPower) && config.cutoffPower >= 1 && config.cutoffPower <= 1000))
    fail('cutoffPower', 'an integer from 1 to 1000', config.cutoffPower);
  if (!(config.maxEll >= 0 && config.maxEll <= 11)) fail('maxEll', '0 to 11', config.maxEll);
  if (!(layers >= 1 && layers <= 64)) fail('numInteractions', '1 to 64', layers);
  if (config.heads.length === 0 || config.heads.includes('') || new Set(config.heads).size !== config.heads.length)
    fail('heads', 'at least one name, none empty and none twice', config.heads);
  if (config.correlation.length !== layers || !config.correlation.every((n) => Number.isInteger(n) && n >= 1 && n <= 8))
    fail('correlation', `${layers} integers from 1 to 8`, config.correlation);
  if (config.avgNumNeighbors.length !== layers || !config.avgNumNeighbors.every((n) => n > 0 && Number.isFinite(n)))
    fail('avgNumNeighbors', `${layers} positive numbers`, config.avgNumNeighbors);
  // mace-torch builds models of unequal channels, and cannot evaluate them.
  const hidden = parseIrreps(config.hiddenIrreps);
  if (channelCount(config) === 0 || hidden.some(({ multiplicity }) => multiplicity !== channelCount(config)))
    fail('hiddenIrreps', 'blocks of one number of channels, 0e among them', config.hiddenIrreps);
  if (config.radialMlp.length > 16 || !config.radialMlp.every((n) => Number.isSafeInteger(n) && n > 0))
    fail('radialMlp', 'at most 16 widths', config.radialMlp);
  for (const [name, constant] of Object.entries(config.activationConstants ?? {}))
    if (!(constant > 1e-3 && constant <= 1e3)) fail(`activationConstants.${name}`, 'a positive number', constant);
  checkGateConstant(config, fail);
  if (layers === 1 && config.interaction !== config.interactionFirst)
    fail('interaction', `${config.interactionFirst}, the class of the only layer`, config.interaction);
  if (config.useLastReadoutOnly && layers === 1)
    fail('useLastReadoutOnly', 'false with one layer, which would have no readout', true);
}

/** Files that give constants give that of the gate, and of no other gate. */
function checkGateConstant(
  { gate, activationConstants, numInteractions, readoutClass }: MaceConfig,
  fail: (what: string, expected: string, got: unknown) => never,
): void {
  const names = Object.keys(activationConstants ?? {});
  const hasGate = numInteractions > 1 && readoutClass !== 'LinearReadoutBlock' && gate !== 'None';
  if (names.length > 0 && hasGate && !names.includes(gate))
    fail('activationConstants', `that of the gate ${gate} among them`, activationConstants);
  const other = names.find((name) => (name === 'tanh' || name === 'abs') && name !== gate);
  if (other) fail('gate', `${other}, of which there is a constant`, gate);
}
