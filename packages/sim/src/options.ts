/** What dynamics is told, with the names, units and defaults of janus-core 0.9.4. */
import { langevin } from './ensembles/langevin.js';
import { nve } from './ensembles/nve.js';
import type { Ensemble, EnsembleSettings } from './ensembles/ensemble.js';
import { noseHoover } from './ensembles/nose-hoover.js';
import { velocityRescaling } from './ensembles/velocity-rescaling.js';
import { refuse } from './refuse.js';

/** `nve`: constant energy. `nvt`: Langevin. `nvt-nh`: Nosé–Hoover chain. `nvt-csvr`: canonical rescaling of velocities. */
export const ensembles = { nve, nvt: langevin, 'nvt-nh': noseHoover, 'nvt-csvr': velocityRescaling } satisfies Record<
  string,
  (settings: EnsembleSettings) => Ensemble
>;
export type EnsembleName = keyof typeof ensembles;

export interface DynamicsOptions {
  readonly ensemble: EnsembleName;
  /** fs. Default 1. */
  readonly timestep?: number;
  /** K. Needed by thermostats, and for momenta to begin with. */
  readonly temperature?: number;
  /** 1/fs, of `nvt`. Default 0.005. */
  readonly friction?: number;
  /** fs, of `nvt-nh` and `nvt-csvr`. Default 50. */
  readonly thermostatTime?: number;
  /** Also computes stresses, for pressures; the system has to be bound with `stress`. Default only where a barostat needs them. */
  readonly stress?: boolean;
  /** Of all random numbers. Default 0. */
  readonly seed?: number;
  /** Which structure each is among all of a run [structures]: random numbers depend on it, and not on the batch. Default 0, 1, … */
  readonly structureNumbers?: readonly number[];
  /** u [atoms]. Default those of the elements, as ASE has them. */
  readonly masses?: ArrayLike<number>;
  /** √(u·eV) [atoms 3], as ASE has them. Default drawn at `temperature`, or none at rest. */
  readonly momenta?: ArrayLike<number>;
}

const defaults = { timestep: 1, friction: 0.005, thermostatTime: 50, stress: false, seed: 0 };

export type CheckedOptions = DynamicsOptions & typeof defaults;

/** @throws UnsupportedError (`option`) that names the option, what it is, and what it may be */
export function checkedOptions(given: DynamicsOptions): CheckedOptions {
  const options = { ...defaults, ...withoutUndefined(given) };
  if (!Object.hasOwn(ensembles, options.ensemble))
    refuse('ensemble', options.ensemble, `one of ${Object.keys(ensembles).join(', ')}`);
  for (const name of ['timestep', 'thermostatTime'] as const)
    if (!(options[name] > 0 && Number.isFinite(options[name]))) refuse(name, options[name], 'a time above 0, in fs');
  if (!(options.friction >= 0 && Number.isFinite(options.friction)))
    refuse('friction', options.friction, 'a number from 0 on, in 1/fs');
  const { temperature } = options;
  if (temperature !== undefined && !(temperature >= 0 && Number.isFinite(temperature)))
    refuse('temperature', temperature, 'a number from 0 on, in K');
  if (temperature === undefined && options.ensemble !== 'nve')
    refuse('temperature', temperature, `a number in K, which ${options.ensemble} keeps`);
  if (temperature === 0 && options.ensemble === 'nvt-nh')
    refuse('temperature', temperature, 'a number above 0: thermostats of nvt-nh would have no mass');
  return options;
}

function withoutUndefined(options: DynamicsOptions): DynamicsOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
