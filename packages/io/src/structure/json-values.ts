/**
 * JSON values of Python programs as info values and per-atom arrays.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoArray, InfoValue } from '@mace/core/structure';
import { isReal, markWholeReal } from './info-kinds.js';
import {
  nestedLists,
  parsePythonJson,
  PythonInteger,
  pythonInteger,
  pythonJsonText,
  rectangularArray,
  type PythonJson,
} from './python-json.js';
import { quoted } from './text.js';

/** Stores a JSON value under a key; what is no number, text, truth value or rectangular array is kept as a `_JSON` text. */
export function setInfo(info: Record<string, InfoValue>, key: string, value: PythonJson): void {
  if (typeof value === 'string' || typeof value === 'boolean') info[key] = value;
  else if (typeof value === 'number') {
    info[key] = value;
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) markWholeReal(info, key);
  } else if (value instanceof PythonInteger && Number.isSafeInteger(value.value)) info[key] = value.value;
  else info[key] = rectangularArray(value) ?? `_JSON ${pythonJsonText(value)}`;
}

/** An info value as JSON; a `_JSON` text becomes what it says. */
export function infoJson(info: Readonly<Record<string, InfoValue>>, key: string, value: InfoValue): PythonJson {
  if (typeof value === 'string' && value.startsWith('_JSON '))
    return parsePythonJson(value.slice(6), `info ${quoted(key)}`);
  if (typeof value === 'object') return nestedLists(value);
  return typeof value === 'number' && !isReal(info, key, value) ? pythonInteger(value) : value;
}

/** An array of the shape [atoms] or [atoms, …] as a per-atom array; undefined when it is none. */
export function perAtom(array: InfoArray, atoms: number): AtomArray | undefined {
  if (array.shape.length === 0 || array.shape[0] !== atoms || array.values.length === 0) return undefined;
  const columns = array.values.length / atoms;
  const isNumber = array.kind === 'real' || array.kind === 'integer';
  return {
    columns,
    kind: array.kind,
    values: isNumber ? Float64Array.from(array.values as number[]) : (array.values as string[] | boolean[]),
  };
}

/** A per-atom array as an array with shape [atoms] or [atoms, columns]. */
export function withShape(array: AtomArray, atoms: number): InfoArray {
  return {
    shape: array.columns === 1 ? [atoms] : [atoms, array.columns],
    kind: array.kind,
    values: Array.from(array.values as ArrayLike<number>),
  };
}

/** Flat numbers of a nested list of exactly this shape, all finite. Throws FormatError. */
export function numbersOf(value: PythonJson | undefined, shape: readonly number[], where: string): number[] {
  const array = value === undefined ? undefined : rectangularArray(value);
  const values = array?.values as readonly number[] | undefined;
  const isNumber = array?.kind === 'real' || array?.kind === 'integer';
  const isEmpty = shape.includes(0) && values?.length === 0;
  if (array === undefined || values === undefined || !isNumber || !(isEmpty || array.shape.join() === shape.join())) {
    throw new FormatError(
      `${where}: expected numbers of shape [${shape.join(', ')}], got ${array === undefined ? 'something else' : `${array.kind === 'real' || array.kind === 'integer' ? 'numbers' : 'values'} of shape [${array.shape.join(', ')}]`}. Write the file again.`,
    );
  }
  const bad = values.find((number) => !Number.isFinite(number));
  if (bad !== undefined) throw new FormatError(`${where}: expected finite numbers, got ${bad}. Write the file again.`);
  return [...values];
}

/** Stores a value under a key that may be there already; says so when the values differ. */
export function setInfoOnce(info: Record<string, InfoValue>, key: string, value: PythonJson, warnings: string[]): void {
  const before = info[key];
  setInfo(info, key, value);
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(info[key]))
    warnings.push(`${quoted(key)} is given twice, the last value is kept`);
}
