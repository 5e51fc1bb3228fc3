/** Options of `mace md` that would be passed over without a word. */
import { FormatError } from '@mace/core';
import type { MdOptions } from './md-options.js';

/** Ensembles that take an option, by all their names. `pressure` and `anisotropic` are refused by the library. */
const takenBy = {
  friction: ['nvt', 'langevin', 'npt', 'npt-scr'],
  thermostat: ['npt', 'npt-scr'],
  thermostatTime: ['nvt-nh', 'nose-hoover', 'nvt-csvr', 'csvr', 'npt', 'npt-scr', 'npt-mtk'],
  barostatTime: ['npt', 'npt-scr', 'npt-mtk', 'nph'],
  bulkModulus: ['npt', 'npt-scr', 'nph'],
} as const satisfies Partial<Record<keyof MdOptions, readonly string[]>>;

/** @throws FormatError */
export function refuseUntaken(options: MdOptions): void {
  const { ensemble, temperatureEnd, pressureEnd, rampSteps, observe, observeEvery, equilSteps } = options;
  for (const [name, takers] of Object.entries(takenBy) as [keyof typeof takenBy, readonly string[]][])
    if (options[name] !== undefined && !takers.includes(ensemble))
      throw new FormatError(
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: the ensemble ${ensemble} has none; it is of ${takers.join(', ')}. Leave it out, or take one of these.`,
      );
  if (temperatureEnd !== undefined && ['nve', 'nph'].includes(ensemble) && equilSteps === undefined)
    throw new FormatError(
      `--temperature-end: the ensemble ${ensemble} keeps no temperature. Take one that does, such as nvt.`,
    );
  if (rampSteps !== undefined && temperatureEnd === undefined && pressureEnd === undefined)
    throw new FormatError('--ramp-steps: nothing changes. Add --temperature-end K or --pressure-end GPa.');
  if (observeEvery !== undefined && observe === undefined)
    throw new FormatError('--observe-every: nothing is observed. Add --observe, such as --observe rdf,msd.');
}
