/**
 * Writing ASE's trajectories, `.traj`, frame by frame: each is appended, and the table of frames and the numbers in the header are
 * written at the end. `ase.io.read` and `Trajectory` of ASE 3.29 read them, and may append to them.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { atomArrays, atomResults, structureResults, trajectoryTag } from './ase-trajectory.js';
import { constraintsOf, isMask } from './ase-constraints.js';
import { ndarrayJson } from './ase-json.js';
import { infoJson } from './json-values.js';
import { pythonInteger, pythonJsonText, type PythonJson, type PythonObject } from './python-json.js';
import { emptyRecord, quoted } from './text.js';
import { inVoigtOrder } from './voigt.js';

/** Bytes of a file that is written frame by frame. */
export interface FrameEncoder {
  /** The bytes of one more frame. @throws FormatError for what the format cannot hold; the frame is then as if it had not been given */
  frame(structure: Structure): Uint8Array;
  /** What follows the last frame, and what takes the place of the first bytes of the file. */
  end(): { readonly tail: Uint8Array; readonly head: Uint8Array };
}

/** ULM makes its table longer by this factor: 1, 42, 42² … places. */
const growth = 42;
/** Magic, tag, version, number of items, place of the table; and the table for one frame. */
const headBytes = 56;

/** Writes all frames. Throws FormatError. */
export function writeAseTrajectory(structures: readonly Structure[]): Uint8Array {
  const encoder = new TrajectoryEncoder();
  const pieces = structures.map((structure) => encoder.frame(structure));
  const { head, tail } = encoder.end();
  const bytes = joined([...pieces, tail]);
  bytes.set(head);
  return bytes;
}

export class TrajectoryEncoder implements FrameEncoder {
  readonly #places: number[] = [];
  #first: Structure | undefined;
  /** Bytes until now. */
  #at = 0;

  frame(structure: Structure): Uint8Array {
    const start = this.#at === 0 ? headBytes : this.#at;
    const arrays = new ArrayPlacer(start);
    const item = itemOf(structure, this.#first, arrays);
    const json = new TextEncoder().encode(pythonJsonText(item));
    const bytes = joined([new Uint8Array(start - this.#at), ...arrays.pieces, integers([json.length]), json]);
    this.#first ??= structure;
    this.#places.push(arrays.at);
    this.#at += bytes.length;
    return bytes;
  }

  end(): { tail: Uint8Array; head: Uint8Array } {
    const count = this.#places.length;
    let slots = 1;
    while (slots < count) slots *= growth;
    const start = Math.max(this.#at, headBytes);
    const padding = new Uint8Array((8 - (start % 8)) % 8).fill(0x23);
    const isLong = slots > 1;
    const head = joined([
      new TextEncoder().encode(`- of Ulm${trajectoryTag.padEnd(16)}`),
      integers([3, count, isLong ? start + padding.length : 48, count === 0 ? -1 : this.#places[0]!]),
    ]);
    const table = [...this.#places, ...new Array<number>(slots - count).fill(0)];
    const tail = isLong ? joined([padding, integers(table)]) : new Uint8Array(start - this.#at);
    return { tail, head };
  }
}

/** Arrays of a frame, one after the other on places of 8 bytes. */
class ArrayPlacer {
  readonly pieces: Uint8Array[] = [];
  constructor(public at: number) {}

  /** What JSON says of the array. */
  place(shape: readonly number[], { kind, values }: Pick<AtomArray, 'kind' | 'values'>): PythonJson {
    const padding = new Uint8Array((8 - (this.at % 8)) % 8).fill(0x23);
    const numbers = values as Float64Array;
    const bytes =
      kind === 'integer'
        ? integers(numbers)
        : kind === 'logical'
          ? Uint8Array.from(values as readonly boolean[], Number)
          : reals(numbers);
    this.pieces.push(padding, bytes);
    const at = this.at + padding.length;
    this.at = at + bytes.length;
    const type = { integer: 'int64', logical: 'bool', real: 'float64', text: '' }[kind];
    return { ndarray: [shape.map(pythonInteger), type, pythonInteger(at)] };
  }
}

function itemOf(structure: Structure, first: Structure | undefined, place: ArrayPlacer): PythonObject {
  const { numbers, positions, cell, pbc, info, arrays } = structure;
  const atoms = numbers.length;
  const item = emptyRecord<PythonJson>();
  if (first === undefined) Object.assign(item, { version: pythonInteger(1), ase_version: '3.29.0' });
  const put = (into: PythonObject, name: string, array: AtomArray): void => {
    into[`${name}.`] = place.place(array.columns === 1 ? [atoms] : [atoms, array.columns], array);
  };
  const { masses } = arrays;
  if (first === undefined || !isSameHeader(structure, first)) {
    item['pbc'] = [...pbc];
    put(item, 'numbers', { columns: 1, kind: 'integer', values: Float64Array.from(numbers) });
    if (masses) put(item, 'masses', held('masses', masses, 1));
    const constraints = constraintsOf(structure);
    if (constraints) item['constraints'] = pythonJsonText(constraints);
  }
  item['positions.'] = place.place([atoms, 3], { kind: 'real', values: positions });
  item['cell'] = [0, 3, 6].map((row) => Array.from((cell ?? new Float64Array(9)).subarray(row, row + 3)));
  const results = emptyRecord<PythonJson>();
  for (const [name, array] of Object.entries(arrays)) {
    const theirs = Object.keys(atomArrays).find((key) => atomArrays[key] === name);
    if (name === 'masses' || (name === 'move_mask' && isMask(array))) continue;
    if (theirs !== undefined) put(item, theirs, held(name, array));
    else if (Object.hasOwn(atomResults, name)) put(results, name, held(name, array, atomResults[name]!));
    else
      throw new FormatError(
        `ase-traj: there is no place for the per-atom array ${quoted(name)}. Leave it out, or write extxyz.`,
      );
  }
  const rest = emptyRecord<PythonJson>();
  const said = inVoigtOrder(info);
  for (const [key, value] of Object.entries(said)) {
    const json = typeof value === 'object' && value.kind !== 'text' ? ndarrayJson(value) : infoJson(said, key, value);
    if (structureResults.includes(key) && isResult(key, value)) results[key] = infoJson(said, key, value);
    else if (/^__.*__$/.test(key))
      throw new FormatError(`ase-traj: ASE keeps the info key ${quoted(key)} for itself. Rename it before writing.`);
    else rest[key] = json;
  }
  if (Object.keys(results).length > 0) item['calculator.'] = { name: 'unknown', ...results };
  if (Object.keys(rest).length > 0) item['info'] = rest;
  return item;
}

/** What ASE takes for the result of a calculator: others of that name are info. */
function isResult(key: string, value: InfoValue): boolean {
  const width = { stress: 6, dipole: 3 }[key];
  if (width === undefined) return typeof value === 'number';
  return (
    typeof value === 'object' &&
    value.kind !== 'text' &&
    value.kind !== 'logical' &&
    value.shape.join() === String(width)
  );
}

/** @throws FormatError for what ASE would not take */
function held(name: string, array: AtomArray, columns?: number): AtomArray {
  if (array.kind !== 'text' && (columns === undefined || array.columns === columns)) return array;
  throw new FormatError(
    `ase-traj: the per-atom array ${quoted(name)} is ${array.kind === 'text' ? 'text' : `of ${array.columns} columns`}; expected ${columns ?? ''} numbers. Leave it out, or write extxyz.`,
  );
}

function isSameHeader(a: Structure, b: Structure): boolean {
  const masses = (one: Structure): string => String(one.arrays['masses']?.values.join());
  const constraints = (one: Structure): string => pythonJsonText(constraintsOf(one));
  return (
    a.pbc.join() === b.pbc.join() &&
    a.numbers.join() === b.numbers.join() &&
    masses(a) === masses(b) &&
    constraints(a) === constraints(b)
  );
}

function integers(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setBigInt64(8 * i, BigInt(values[i]!), true);
  return new Uint8Array(view.buffer);
}

function reals(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i]!, true);
  return new Uint8Array(view.buffer);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
