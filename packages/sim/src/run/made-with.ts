/** What the log of a structure says it was made with. */
import type { Structure } from '@mace/core/structure';
import { hasMomenta } from './given-momenta.js';
import type { PreparedRun } from './prepared-run.js';

/** Names and values, in the order of the lines. */
export function madeWith({ options, settings, startTemperature }: PreparedRun, structure: Structure) {
  const given = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return { ...options.madeWith, ...Object.fromEntries(given), velocities: velocities() };

  /** Where those of the beginning are from. */
  function velocities(): string {
    if (options.takesMomenta && hasMomenta(structure)) return 'of the input';
    return startTemperature > 0 ? `drawn at ${startTemperature} K` : 'none, at rest';
  }
}
