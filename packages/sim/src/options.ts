/** What dynamics is told, with the names, units and defaults of janus-core 0.9.4. */
import type { Constraint } from './constraints/constraint.js';
import { cellRescaling } from './ensembles/cell-rescaling.js';
import type { MakeEnsemble } from './ensembles/ensemble.js';
import { langevin } from './ensembles/langevin.js';
import { constantEnthalpy, martynaTobiasKlein } from './ensembles/martyna-tobias-klein.js';
import { noseHoover } from './ensembles/nose-hoover.js';
import { nve } from './ensembles/nve.js';
import { velocityRescaling } from './ensembles/velocity-rescaling.js';
import { checkRamp, type Ramp } from './ramp.js';
import { nearest, refuse, refuseUnknown } from './refuse.js';

/**
 * `nve`: constant energy. `nvt`: Langevin. `nvt-nh`: Nosé–Hoover chain. `nvt-csvr`: canonical rescaling of velocities. `npt`: stochastic
 * rescaling of the cell. `npt-mtk`: Martyna–Tobias–Klein. `nph`: constant enthalpy.
 */
export const ensembles = {
  nve,
  nvt: langevin,
  'nvt-nh': noseHoover,
  'nvt-csvr': velocityRescaling,
  npt: cellRescaling,
  'npt-mtk': martynaTobiasKlein,
  nph: constantEnthalpy,
} satisfies Record<string, MakeEnsemble>;
export type EnsembleName = keyof typeof ensembles;

/** What others call them. */
const aliases = { langevin: 'nvt', 'nose-hoover': 'nvt-nh', csvr: 'nvt-csvr', 'npt-scr': 'npt' } as const;
export type EnsembleAlias = keyof typeof aliases;

/** Whether an ensemble by name changes cells. */
export function isBarostat(ensemble: unknown): boolean {
  return ensemble === 'npt' || ensemble === 'npt-mtk' || ensemble === 'nph';
}

export interface DynamicsOptions {
  /** A name, or what makes an ensemble of your own. */
  readonly ensemble: EnsembleName | EnsembleAlias | MakeEnsemble;
  /** fs. Default 1. */
  readonly timestep?: number;
  /** K. Needed by thermostats, and for momenta to begin with, which are drawn at `from` of a ramp. */
  readonly temperature?: Ramp;
  /** 1/fs, of `nvt`, and of `npt` with Langevin. Default 0.005. */
  readonly friction?: number;
  /** fs, of `nvt-nh`, `nvt-csvr`, `npt` and `npt-mtk`. Default 50. */
  readonly thermostatTime?: number;
  /** Of `npt`: canonical rescaling of velocities, or friction and noise. Default csvr. */
  readonly thermostat?: 'csvr' | 'langevin';
  /** GPa, of barostats. Default 0. */
  readonly pressure?: Ramp;
  /** fs, of barostats. Default 75. */
  readonly barostatTime?: number;
  /** GPa, of `npt` and `nph`: about that of the material, 1/compressibility; what is sampled does not depend on it. Default 2. */
  readonly bulkModulus?: number;
  /** Of `npt`: the cell changes its shape, too. Default false. */
  readonly anisotropic?: boolean;
  /** Of each structure what its atoms may not do [structures]. Default nothing. */
  readonly constraints?: readonly (readonly Constraint[])[];
  /** In the first steps momenta are scaled to `temperature` every so often. */
  readonly equilibration?: Equilibration;
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

/** As janus-core's `equil_steps`, `rescale_velocities`, `rescale_every` and `remove_rot`. */
export interface Equilibration {
  readonly steps: number;
  /** Default 10. */
  readonly rescaleEvery?: number;
  /** Takes off rotation, too, where nothing is periodic and nothing is held. Default false. */
  readonly removeRotation?: boolean;
}

const defaults = {
  timestep: 1,
  friction: 0.005,
  thermostatTime: 50,
  thermostat: 'csvr',
  pressure: 0,
  barostatTime: 75,
  bulkModulus: 2,
  anisotropic: false,
  stress: false,
  seed: 0,
} as const;

export const dynamicsOptionNames: readonly string[] = [
  ...['ensemble', 'temperature', 'constraints', 'equilibration', 'structureNumbers', 'masses', 'momenta'],
  ...Object.keys(defaults),
];

export interface CheckedOptions extends DynamicsOptions {
  /** Without aliases. */
  readonly ensemble: EnsembleName | MakeEnsemble;
  readonly timestep: number;
  readonly friction: number;
  readonly thermostatTime: number;
  readonly thermostat: 'csvr' | 'langevin';
  readonly pressure: Ramp;
  readonly barostatTime: number;
  readonly bulkModulus: number;
  readonly anisotropic: boolean;
  readonly stress: boolean;
  readonly seed: number;
}

/** @throws UnsupportedError (`option`) that names the option, what it is, and what it may be */
export function checkedOptions(given: DynamicsOptions): CheckedOptions {
  refuseUnknown('dynamics', given, dynamicsOptionNames);
  const plain = withoutUndefined(given);
  const ensemble = ensembleOf(plain.ensemble);
  const options = { ...defaults, ...plain, ensemble, stress: isBarostat(ensemble) || (plain.stress ?? false) };
  for (const name of ['timestep', 'thermostatTime', 'barostatTime'] as const)
    if (!isPositive(options[name])) refuse(name, options[name], 'a time above 0, in fs');
  if (!(options.friction >= 0 && Number.isFinite(options.friction)))
    refuse('friction', options.friction, 'a number from 0 on, in 1/fs');
  if (!isPositive(options.bulkModulus)) refuse('bulkModulus', options.bulkModulus, 'a number above 0, in GPa');
  if (!['csvr', 'langevin'].includes(options.thermostat)) refuse('thermostat', options.thermostat, 'csvr or langevin');
  checkTemperature(options.temperature, ensemble);
  checkRamp('pressure', options.pressure, Number.isFinite, 'a number, in GPa');
  if (plain.pressure !== undefined && typeof ensemble === 'string' && !isBarostat(ensemble))
    refuse('pressure', shown(plain.pressure), `none with ${ensemble}: npt, npt-mtk and nph keep a pressure`);
  if (plain.anisotropic && typeof ensemble === 'string' && ensemble !== 'npt')
    refuse('anisotropic', true, `false with ${ensemble}: npt changes the shape of the cell`);
  if (options.equilibration) checkEquilibration(options.equilibration, options.temperature);
  return options;
}

/** The ensemble that a name or an alias stands for. @throws UnsupportedError (`option`) with the nearest known one */
export function ensembleOf(given: DynamicsOptions['ensemble']): EnsembleName | MakeEnsemble {
  if (typeof given === 'function') return given;
  const name = Object.hasOwn(aliases, given) ? aliases[given as EnsembleAlias] : given;
  const known = Object.keys(ensembles);
  if (!Object.hasOwn(ensembles, name))
    refuse(
      'ensemble',
      name,
      `one of ${known.join(', ')}; the nearest is ${nearest(String(name), [...known, ...Object.keys(aliases)])}`,
    );
  return name as EnsembleName;
}

function checkTemperature(temperature: Ramp | undefined, ensemble: EnsembleName | MakeEnsemble): void {
  if (temperature === undefined) {
    if (typeof ensemble === 'string' && ensemble !== 'nve' && ensemble !== 'nph')
      refuse('temperature', temperature, `a number in K, which ${ensemble} keeps`);
    return;
  }
  checkRamp('temperature', temperature, (value) => value >= 0 && Number.isFinite(value), 'a number from 0 on, in K');
  if (ensemble !== 'nvt-nh' && ensemble !== 'npt-mtk') return;
  for (const value of typeof temperature === 'number' ? [temperature] : [temperature.from, temperature.to])
    if (value === 0) refuse('temperature', value, `a number above 0: thermostats of ${ensemble} would have no mass`);
}

function checkEquilibration(equilibration: Equilibration, temperature: Ramp | undefined): void {
  refuseUnknown('equilibration', equilibration, ['steps', 'rescaleEvery', 'removeRotation']);
  const { steps, rescaleEvery = 10 } = equilibration;
  if (!(Number.isSafeInteger(steps) && steps >= 0)) refuse('equilibration.steps', steps, 'a whole number from 0 on');
  if (!(Number.isSafeInteger(rescaleEvery) && rescaleEvery > 0))
    refuse('equilibration.rescaleEvery', rescaleEvery, 'a whole number above 0');
  if (temperature === undefined) refuse('temperature', temperature, 'a number in K, to which equilibration scales');
}

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function shown(value: unknown): unknown {
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

function withoutUndefined(options: DynamicsOptions): DynamicsOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
