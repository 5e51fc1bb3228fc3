/** A run with its options checked and its defaults filled in. */
import type { Calculator } from '@mace/core';
import { modelHash } from '@mace/io';
import { allLimits, type AllLimits } from '../guards/limits.js';
import { checkedOptions, dynamicsOptionNames, isBarostat, type DynamicsOptions } from '../options.js';
import { valueAt } from '../ramp.js';
import { refuse, refuseUnknown } from '../refuse.js';
import type { GateOptions } from './gate.js';
import type { RunOptions } from './run-options.js';
import type { Settings } from './settings.js';

export interface PreparedRun {
  readonly calculator: Calculator;
  readonly options: RunOptions & typeof defaults & { readonly observeEvery: number };
  /** As it was given. */
  readonly dynamics: Omit<DynamicsOptions, 'momenta' | 'structureNumbers' | 'constraints'>;
  /** fs */
  readonly timestep: number;
  /** K, of the first step. */
  readonly startTemperature: number;
  readonly limits: AllLimits;
  /** What a restart has to be told again. */
  readonly settings: Settings;
  /** Keys and columns of structures that the model and the dynamics read. */
  readonly inputKeys: ReadonlySet<string>;
  /** Sets of elements that the gate has seen, each with the structure that it looks at; changes in place. */
  readonly gated: Map<string, number>;
  /** Whether the exact calculator computes by now; changes in place. */
  isExact: boolean;
  readonly isCancelled: () => boolean;
}

const defaults = {
  logEvery: 10,
  trajectoryEvery: 100,
  compress: false,
  restart: false,
  checkpointSeconds: 10,
  takesMomenta: true,
  batchAtoms: 1024,
};

/** Options of a run that are none of dynamics, and none that a restart must find again. */
const ofTheRun = [
  'steps',
  'storage',
  'restart',
  'checkpointSeconds',
  'guards',
  'observers',
  'observeEvery',
  'constraints',
  'otherSettings',
  'ended',
  'madeWith',
  'cancellation',
];
const beside = [
  ...ofTheRun,
  ...Object.keys(defaults),
  'gate',
  'limits',
  'skin',
  'shard',
  'minimizeTo',
  'head',
  'inputs',
];

/** Momenta and masses are those of the input, and structures are counted here. */
const runOptionNames = [
  ...beside,
  ...dynamicsOptionNames.filter((name) => !['momenta', 'masses', 'structureNumbers', 'stress'].includes(name)),
].filter((name, i, all) => all.indexOf(name) === i);

const ofBarostats = ['pressure', 'barostatTime', 'bulkModulus', 'anisotropic', 'thermostat'];

/** @throws UnsupportedError (`option`) */
export async function preparedRun(calculator: Calculator, given: RunOptions): Promise<PreparedRun> {
  refuseUnknown('dynamics', given, runOptionNames);
  if (given.gate) checkGate(given.gate);
  if (given.restart && !given.storage) refuse('restart', true, 'false without storage: nothing is kept to go on from');
  const plans: unknown = given.observers ?? [];
  if (!Array.isArray(plans) || plans.some((one) => typeof (one as { create?: unknown })?.create !== 'function'))
    refuse('observers', plans, "plans of observers, such as parseObservers('rdf:O-O,msd')");
  const told = withoutUndefined(given);
  const observeEvery = told.observeEvery ?? told.logEvery ?? defaults.logEvery;
  const options = { ...defaults, ...told, observeEvery };
  const { steps, logEvery, trajectoryEvery, batchAtoms, checkpointSeconds, shard, gate } = options;
  for (const [name, value, least] of [
    ['steps', steps, 0],
    ['logEvery', logEvery, 1],
    ['trajectoryEvery', trajectoryEvery, 1],
    ['observeEvery', observeEvery, 1],
    ['batchAtoms', batchAtoms, 1],
    ['gate.frames', gate?.frames ?? 0, 0],
  ] as const)
    if (!(Number.isSafeInteger(value) && value >= least)) refuse(name, value, `a whole number from ${least} on`);
  if (!(checkpointSeconds >= 0)) refuse('checkpointSeconds', checkpointSeconds, 'a time in seconds');
  if (
    shard &&
    !(Number.isSafeInteger(shard.parts) && Number.isInteger(shard.part) && 0 <= shard.part && shard.part < shard.parts)
  )
    refuse('shard', `part ${shard.part} of ${shard.parts}`, 'a part from 0 to the number of parts less one');
  const { minimizeTo = 1 } = options;
  if (!(minimizeTo > 0 && Number.isFinite(minimizeTo))) refuse('minimizeTo', minimizeTo, 'a number above 0, in eV/Å');
  const dynamics = without(options, beside) as unknown as PreparedRun['dynamics'];
  const checked = checkedOptions(dynamics);
  const { model, backend, precision, tables } = calculator;
  const limits = allLimits(options.limits ?? {}, highestTemperature(checked));
  return {
    calculator,
    options,
    dynamics,
    timestep: checked.timestep,
    startTemperature: valueAt(checked.temperature ?? 0, 0),
    limits,
    settings: {
      model: await modelHash(model),
      backend,
      precision,
      tables,
      ensemble: typeof checked.ensemble === 'string' ? checked.ensemble : `a function ${checked.ensemble.name}`,
      ...without(checked, ['ensemble', 'stress', ...(isBarostat(checked.ensemble) ? [] : ofBarostats)]),
      ...options.otherSettings,
      ...without(options, [...ofTheRun, ...Object.keys(checked), 'gate']),
      gate: gate ? { otherwise: gate.otherwise ?? 'stop', frames: gate.frames ?? 20 } : null,
      limits,
    },
    inputKeys: new Set([
      ...['head', 'total_charge', 'charge', 'total_spin', 'spin', 'spin_multiplicity', 'multiplicity'],
      ...model.config.embeddings.flatMap(({ name, key = name }) => [name, key]),
      // Of atoms: with which masses they move, and which of them, as ASE writes it.
      ...['masses', 'move_mask'],
    ]),
    gated: new Map(),
    isExact: false,
    isCancelled: () => options.cancellation?.aborted === true,
  };
}

/** @throws UnsupportedError (`option`) */
function checkGate(gate: GateOptions): void {
  refuseUnknown('gate', gate, ['calculator', 'otherwise', 'frames']);
  if (typeof gate.calculator?.bind !== 'function')
    refuse('gate.calculator', gate.calculator, 'a calculator of the same model in float64');
  if (!['stop', 'exact', undefined].includes(gate.otherwise)) refuse('gate.otherwise', gate.otherwise, 'stop or exact');
}

function highestTemperature({ temperature = 0 }: DynamicsOptions): number {
  return typeof temperature === 'number' ? temperature : Math.max(temperature.from, temperature.to);
}

function without(record: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
