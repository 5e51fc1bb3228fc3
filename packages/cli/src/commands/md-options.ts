/** The options of `mace md`, and what the library is told of them. */
import { basename } from 'node:path';
import { FormatError, type Calculator, type MaceModel } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import {
  bondsToHydrogen,
  fixAtoms,
  holdBonds as holdBondsOf,
  parseObservers,
  type Constraint,
  type Limits,
  type RunOptions,
} from '@mace/sim';
import type { AtomChoice } from '../chosen-atoms.js';
import { heldAtoms } from '../held-atoms.js';
import type { ComputingOptions } from '../computing.js';
import { bundledModel } from '../inputs.js';
import type { Shard } from '../shard.js';
import { version } from '../version.js';
import { inputsOf } from './eval-options.js';

/** As declared in `program/dynamics-commands.ts`. */
export interface MdOptions extends ComputingOptions {
  readonly structures?: readonly string[];
  readonly ensemble: string;
  readonly steps: number;
  readonly timestep: number;
  readonly temperature: number;
  readonly temperatureEnd?: number;
  readonly pressure?: number;
  readonly pressureEnd?: number;
  readonly rampSteps?: number;
  readonly friction?: number;
  readonly thermostatTime?: number;
  readonly barostatTime?: number;
  readonly bulkModulus?: number;
  readonly anisotropic?: boolean;
  readonly thermostat?: 'csvr' | 'langevin';
  /** True without a number. */
  readonly minimize?: number | true;
  readonly equilSteps?: number;
  readonly rescaleEvery?: number;
  readonly removeRotation?: boolean;
  readonly fixed?: AtomChoice;
  readonly holdBonds?: 'hydrogen';
  readonly seed: number;
  readonly velocities: 'file' | 'drawn';
  readonly output?: string;
  readonly restart?: boolean;
  readonly checkpointSeconds: number;
  readonly logEvery: number;
  readonly trajectoryEvery: number;
  readonly compress?: boolean;
  readonly observe?: string;
  readonly observeEvery?: number;
  readonly gate: 'stop' | 'float64' | 'off';
  readonly limit?: readonly string[];
  readonly shard?: Shard;
  readonly batchAtoms: number;
  readonly json?: boolean;
}

/** Where a run goes that nobody named a folder for. */
export function folderFor(files: readonly string[], { output }: MdOptions): string {
  if (output !== undefined) return output;
  const name = basename(files[0]!)
    .replace(/@[^@]*$/, '')
    .replace(/(\.[a-z0-9]+)?(\.gz)?$/i, '');
  return `${name === '' || name === '-' ? 'structure' : name}-md`;
}

/**
 * Everything but where files go and how a run is ended.
 * @param exact - for the gate, where the run is not exact itself
 * @throws FormatError, UnsupportedError
 */
export function runOptions(options: MdOptions, model: MaceModel, exact: Calculator | null): RunOptions {
  const { steps, rampSteps = Math.max(1, steps), gate, observe, velocities, minimize, fixed, holdBonds } = options;
  const ramp = (from: number, to: number | undefined): number | { from: number; to: number; steps: number } =>
    to === undefined ? from : { from, to, steps: rampSteps };
  const { pressure, pressureEnd } = options;
  const given = {
    ...taken(options, [
      ...(['ensemble', 'timestep', 'friction', 'thermostatTime', 'barostatTime', 'bulkModulus', 'seed'] as const),
      ...(['anisotropic', 'thermostat'] as const),
      ...([
        'steps',
        'logEvery',
        'trajectoryEvery',
        'observeEvery',
        'compress',
        'restart',
        'batchAtoms',
        'checkpointSeconds',
      ] as const),
    ]),
    temperature: ramp(options.temperature, options.temperatureEnd),
    ...((pressure ?? pressureEnd) !== undefined && { pressure: ramp(pressure ?? 0, pressureEnd) }),
    ...inputsOf(options),
    ...(minimize !== undefined && { minimizeTo: minimize === true ? 0.1 : minimize }),
    ...equilibrationOf(options),
    constraints: (structure: Structure) => constraintsOf(structure, options),
    ...((fixed || holdBonds) && { otherSettings: { ...(fixed && { fixed }), ...(holdBonds && { holdBonds }) } }),
    takesMomenta: velocities === 'file',
    ...(observe !== undefined && { observers: parseObservers(observe) }),
    limits: limitsOf(options.limit ?? []),
    ...(exact && { gate: { calculator: exact, otherwise: gate === 'float64' ? 'exact' : 'stop' } }),
    ...(options.shard && { shard: options.shard }),
    madeWith: {
      program: `mace ${version}`,
      node: process.version,
      'model file': options.model ?? bundledModel,
      ...(model.provenance?.sha256 !== undefined && { 'model file sha256': model.provenance.sha256 }),
    },
  };
  return given as unknown as RunOptions;
}

function equilibrationOf({ equilSteps, rescaleEvery, removeRotation }: MdOptions): Pick<RunOptions, 'equilibration'> {
  if (equilSteps === undefined) {
    const [option] = [rescaleEvery && '--rescale-every', removeRotation && '--remove-rotation'].filter(Boolean);
    if (option)
      throw new FormatError(
        `${option}: velocities are scaled in the first steps, and there are none. Add --equil-steps N.`,
      );
    return {};
  }
  return {
    equilibration: {
      steps: equilSteps,
      ...(rescaleEvery !== undefined && { rescaleEvery }),
      ...(removeRotation && { removeRotation }),
    },
  };
}

function constraintsOf(structure: Structure, { fixed, holdBonds }: MdOptions): Constraint[] {
  const constraints: Constraint[] = [];
  const atoms = heldAtoms(structure, fixed);
  if (holdBonds) {
    // A bond of two atoms that stay is held already, and takes no degree of freedom.
    const pairs = bondsToHydrogen(structure).filter((pair) => !pair.every((atom) => atoms.includes(atom)));
    constraints.push(holdBondsOf(structure, pairs));
  }
  // Last, so that they stay to the last digit.
  if (atoms.length > 0) constraints.push(fixAtoms(structure, atoms));
  return constraints;
}

/** @throws FormatError */
function limitsOf(texts: readonly string[]): Limits {
  const limits: Record<string, number> = {};
  for (const text of texts) {
    const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || !Number.isFinite(Number(value)))
      throw new FormatError(`--limit ${JSON.stringify(text)}: expected a name and a number, such as largestForce=500.`);
    limits[name] = Number(value);
  }
  return limits;
}

function taken<Name extends keyof MdOptions>(options: MdOptions, names: readonly Name[]): Pick<MdOptions, Name> {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as Pick<MdOptions, Name>;
}
