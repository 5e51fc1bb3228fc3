/**
 * Models that contradict themselves: a valid file with one statement changed, at the level of what a pickle says (one number,
 * flag, name or shape of the tree of modules) or of the header and the settings of our own format.
 */
import { FormatError, isMaceError, type MaceModel, type Tensor } from '@mace/core';
import { modelOfArchive } from '../src/model/mace-model.js';
import { readModelBytes, writeModelBytes } from '../src/index.js';
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTensor,
  PickleTuple,
} from '../src/model/pickle/values.js';
import type { PickleValue } from '../src/model/pickle/values.js';
import { openTorchArchive } from '../src/model/torch-archive.js';
import { oracleModel } from './hostile/build.js';

export interface Outcome {
  /** Path and kind of the change. */
  readonly change: string;
  /** The refusal; null where the model was read. */
  readonly error: string | null;
  readonly model: MaceModel | null;
}

/** One place of a tree that can be changed, and how. */
interface Place {
  readonly path: string;
  apply(): void;
}

/** Reads the oracle model with one statement changed. @param pick - a number in [0, 1) @throws what is no error of ours */
export function contradicted(name: string, pick: () => number): Outcome {
  const archive = openTorchArchive(oracleModel(name));
  const places = placesOf(archive.root, '', pick);
  const { path, apply } = places[Math.floor(pick() * places.length)]!;
  apply();
  return outcomeOf(path, () => modelOfArchive(archive));
}

/** The same for our own format: a setting, or a tensor's name, size or presence. */
export function contradictedOwn(model: MaceModel, pick: () => number): Outcome {
  const choose = <T>(items: readonly T[]): T => items[Math.floor(pick() * items.length)]!;
  const config: Record<string, unknown> = { ...model.config };
  const weights: Record<string, Tensor> = { ...model.weights };
  if (pick() < 0.5) {
    const name = choose(Object.keys(config));
    config[name] = otherSetting(config[name], pick);
    return outcomeOf(`config ${name} ${JSON.stringify(config[name])}`, () => written({ ...model, config } as never));
  }
  const name = choose(Object.keys(weights));
  const { shape, data } = weights[name]!;
  const kind = choose(['remove', 'rename', 'longer', 'shorter']);
  delete weights[name];
  if (kind === 'rename') weights[`${name}_2`] = { shape, data };
  if (kind === 'longer') weights[name] = { shape: [data.length + 1], data: Float64Array.from([...data, 1]) };
  if (kind === 'shorter') weights[name] = { shape: [data.length - 1], data: data.slice(1) };
  return outcomeOf(`weight ${name} ${kind}`, () => written({ ...model, weights }));
}

function outcomeOf(change: string, read: () => MaceModel): Outcome {
  try {
    return { change, error: null, model: read() };
  } catch (error) {
    if (!isMaceError(error)) throw new Error(`${change}: ${(error as Error).stack}`, { cause: error });
    if (!/[.!]$/.test(error.message)) throw new FormatError(`a message without an end: ${error.message}`);
    return { change, error: error.message, model: null };
  }
}

/** As if a program without checks had written the file. */
function written(model: MaceModel): MaceModel {
  return readModelBytes(writeModelBytes(model));
}

function otherSetting(value: unknown, pick: () => number): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return pick() < 0.5 ? value + 1 : value * 2;
  if (typeof value === 'string') {
    const others: Record<string, string> = {
      bessel: 'gaussian',
      gaussian: 'bessel',
      None: 'Agnesi',
      Agnesi: 'None',
      silu: 'tanh',
      f64: 'f32',
      f32: 'f64',
      MACE: 'ScaleShiftMACE',
      ScaleShiftMACE: 'MACE',
      NonLinearReadoutBlock: 'NonLinearBiasReadoutBlock',
      NonLinearBiasReadoutBlock: 'NonLinearReadoutBlock',
      RealAgnosticInteractionBlock: 'RealAgnosticResidualInteractionBlock',
      RealAgnosticResidualInteractionBlock: 'RealAgnosticInteractionBlock',
      RealAgnosticDensityInteractionBlock: 'RealAgnosticDensityResidualInteractionBlock',
      RealAgnosticDensityResidualInteractionBlock: 'RealAgnosticInteractionBlock',
      RealAgnosticResidualNonLinearInteractionBlock: 'RealAgnosticResidualInteractionBlock',
    };
    return others[value] ?? value.replace(/\d/, (digit) => String(Number(digit) + 1));
  }
  if (Array.isArray(value)) return pick() < 0.5 || value.length === 0 ? [...(value as unknown[]), 1] : value.slice(1);
  return value === null ? '2x0e' : {};
}

/** Python's own bookkeeping, and text or code that upstream does not compute with. */
const bookkeeping =
  /^(training|_(backward|forward|state_dict|load_state_dict|is_full|non_persistent)\w*|__codegen__|_prof\w*_str|_profiling_str|_optimize_einsums|_specialized_code|_code|_lineno_map)$/;

function placesOf(value: PickleValue, path: string, pick: () => number): Place[] {
  const dict = value instanceof PickleObject ? value.state : value;
  if (!(dict instanceof PickleDict)) return [];
  const places: Place[] = [];
  for (const [key, item] of dict.entries) {
    if (typeof key !== 'string' || bookkeeping.test(key)) continue;
    const at = path === '' ? key : `${path}.${key}`;
    const set = (kind: string, next: PickleValue): Place => ({
      path: `${at} ${kind}`,
      apply: () => void dict.entries.set(key, next),
    });
    if (item instanceof PickleDict) places.push(...placesOf(item, at, pick));
    else if (item instanceof PickleTensor) {
      const rename = {
        path: `${at} renamed`,
        apply: () => (dict.entries.delete(key), void dict.entries.set(`${key}_2`, item)),
      };
      const remove = { path: `${at} removed`, apply: () => void dict.entries.delete(key) };
      const [first = 0, ...rest] = item.shape;
      const cut = new PickleTensor(
        item.storage,
        item.offset,
        first > 1 ? [first - 1, ...rest] : [0],
        first > 1 ? item.strides : [1],
      );
      places.push(rename, remove, set('cut', cut));
    } else if (typeof item === 'number') places.push(set('number', pick() < 0.5 ? item + 1 : item * 2 + 1));
    else if (typeof item === 'boolean') places.push(set('flag', !item));
    else if (typeof item === 'string')
      places.push(set('text', item.replace(/\d/, (digit) => String(Number(digit) + 1)) + (/\d/.test(item) ? '' : 'x')));
    else if (item instanceof PickleList && item.items.length > 0)
      places.push(set('shorter', new PickleList(item.items.slice(1))));
    else if (item instanceof PickleObject) {
      if (item.state instanceof PickleDict) {
        places.push(...placesOf(item, at, pick));
        places.push({ path: `${at} module removed`, apply: () => void dict.entries.delete(key) });
        const type = new PickleGlobal(item.type.module, `${item.type.name}2`);
        places.push(set('class', Object.assign(new PickleObject(type, item.args), { state: item.state })));
      } else if (item.type.name === 'Irreps') places.push(set('irreps', otherIrreps(item)));
    }
  }
  return places;
}

/** The first multiplicity one larger. */
function otherIrreps(irreps: PickleObject): PickleValue {
  const blocks = irreps.args.items[0];
  const first = blocks instanceof PickleTuple ? blocks.items[0] : undefined;
  const pair =
    first instanceof PickleObject ? (first.args.items.length === 1 ? first.args.items[0] : first.args) : first;
  if (!(blocks instanceof PickleTuple) || !(pair instanceof PickleTuple)) return new PickleTuple([]);
  const changed = new PickleTuple([(pair.items[0] as number) + 1, pair.items[1]!]);
  return new PickleObject(irreps.type, new PickleTuple([new PickleTuple([changed, ...blocks.items.slice(1)])]));
}
