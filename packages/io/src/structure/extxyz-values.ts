/**
 * The values of a comment line of extended XYZ: numbers, truth values, arrays of several spellings, `_JSON`, text.
 *
 * Grammar: libAtoms/extxyz (README of github.com/libAtoms/extxyz); where ASE 3.29 (`ase/io/extxyz.py`) reads the same text
 * otherwise, ASE wins, except that `[..]` arrays may nest and hold texts.
 */
import type { InfoArray, InfoValue } from '@mace/core/structure';
import { FormatError } from '@mace/core';
import { markWholeReal } from './info-kinds.js';
import { isPythonObject, parsePythonJson, pythonNumber, PythonInteger, rectangularArray } from './python-json.js';
import { isIntegerText, parseInteger, parseReal, quoted } from './text.js';

/** Keys whose nine numbers are a matrix in column-major order (ASE: SPECIAL_3_3_KEYS without Lattice). */
export const matrixKeys: ReadonlySet<string> = new Set(['virial', 'stress']);
/** Keys that stay text whatever they look like (ASE: UNPROCESSED_KEYS). */
export const textKeys: ReadonlySet<string> = new Set(['uid']);
const logicals: ReadonlyMap<string, boolean> = new Map([
  ...['T', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['F', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
export const jsonPrefix = '_JSON ';
const wordPattern = /[^\s,[\]"']+/y;

export interface RawPair {
  readonly key: string;
  /** Undefined for a key alone, which means true. */
  readonly value: string | undefined;
  /** Set when the whole value was one `[…]`, brackets included. */
  readonly bracket: string | undefined;
  /** True for `key=` with nothing after it. */
  readonly isEmpty: boolean;
}

export function pairValue(pair: RawPair, info: Record<string, InfoValue>, source: string): InfoValue {
  if (pair.value === undefined) return true;
  if (textKeys.has(pair.key.toLowerCase())) return pair.value;
  if (pair.bracket !== undefined) {
    const array = bracketArray(pair.bracket);
    if (array !== undefined) return asMatrix(pair.key, array);
  }
  const value = plainValue(pair.value, `${source}, key ${quoted(pair.key)}`);
  if (value instanceof WholeReal) {
    markWholeReal(info, pair.key);
    return value.value;
  }
  return typeof value === 'object' ? asMatrix(pair.key, value) : value;
}

class WholeReal {
  constructor(readonly value: number) {}
}

/** Number, truth value, old-style array or text, in the order in which ASE tries them. */
export function plainValue(text: string, source: string): InfoValue | WholeReal {
  if (text.startsWith(jsonPrefix)) return jsonValue(text, source);
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const array = wordsArray(words);
  if (array === undefined) return text;
  const only = array.values[0];
  if (array.values.length !== 1 || only === undefined) return array;
  return array.kind === 'real' && Number.isSafeInteger(only) && !Object.is(only, -0)
    ? new WholeReal(only as number)
    : only;
}

/** The words as integers, reals or logicals; undefined when they are something else. No words are an empty integer array. */
function wordsArray(words: readonly string[]): InfoArray | undefined {
  const shape = [words.length];
  const truths = words.map((word) => logicals.get(word));
  if (words.length > 0 && truths.every((truth) => truth !== undefined))
    return { shape, values: truths as boolean[], kind: 'logical' };
  if (words.every(isIntegerText)) {
    const values = words.map(parseInteger);
    // An integer that float64 cannot hold stays text, so that no digit is lost.
    return values.every((value) => value !== undefined)
      ? { shape, values: values as number[], kind: 'integer' }
      : undefined;
  }
  const values = words.map(parseReal);
  return values.every((value) => value !== undefined) ? { shape, values: values as number[], kind: 'real' } : undefined;
}

/** ASE keeps `_JSON` objects as such; here any value that is no rectangular array stays text, prefix included. */
function jsonValue(text: string, source: string): InfoValue | WholeReal {
  const value = parsePythonJson(text.slice(jsonPrefix.length), source);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const number = pythonNumber(value);
  if (number !== undefined) {
    if (value instanceof PythonInteger) return Number.isSafeInteger(number) ? number : text;
    return Number.isSafeInteger(number) && !Object.is(number, -0) ? new WholeReal(number) : number;
  }
  if (value === null || isPythonObject(value)) return text;
  return rectangularArray(value) ?? text;
}

/** A libAtoms new-style array: `[1, 2]`, `[[T, F], [F, T]]`, `["a b", c]`; undefined when it is none. */
function bracketArray(text: string): InfoArray | undefined {
  const leaves: { text: string; isQuoted: boolean }[] = [];
  let at = 0;
  const item = (depth: number): number[] | undefined => {
    if (depth > 8) return undefined;
    at++;
    let length = 0;
    let inner: number[] | undefined;
    for (;;) {
      while (/[\s,]/.test(text.charAt(at))) at++;
      const c = text.charAt(at);
      if (c === '') return undefined;
      if (c === ']') break;
      let shape: number[] | undefined = [];
      if (c === '[') shape = item(depth + 1);
      else if (c === '"' || c === "'") {
        const [content, next] = quotedPiece(text, at, c, 'extxyz');
        leaves.push({ text: content, isQuoted: true });
        at = next;
      } else {
        wordPattern.lastIndex = at;
        const word = wordPattern.exec(text)?.[0];
        if (word === undefined) return undefined;
        leaves.push({ text: word, isQuoted: false });
        at += word.length;
      }
      if (shape === undefined || (inner !== undefined && inner.join() !== shape.join())) return undefined;
      inner = shape;
      length++;
    }
    at++;
    return [length, ...(inner ?? [])];
  };
  const shape = item(0);
  if (shape === undefined) return undefined;
  const plain = leaves.some((leaf) => leaf.isQuoted) ? undefined : wordsArray(leaves.map((leaf) => leaf.text));
  if (plain !== undefined) return { ...plain, shape };
  // Unquoted numbers among texts are most likely a sentence in brackets, which ASE keeps as text.
  if (leaves.some((leaf) => !leaf.isQuoted && (parseReal(leaf.text) !== undefined || logicals.has(leaf.text))))
    return undefined;
  return { shape, values: leaves.map((leaf) => leaf.text), kind: 'text' };
}

function asMatrix(key: string, array: InfoArray): InfoArray {
  if (!matrixKeys.has(key) || array.shape.length !== 1 || array.shape[0] !== 9 || array.kind === 'text') return array;
  return { ...array, shape: [3, 3], values: transposed(array.values as readonly number[]) };
}

export function transposed<T>(values: readonly T[]): T[] {
  return [0, 3, 6, 1, 4, 7, 2, 5, 8].map((index) => values[index] as T);
}

export function quotedPiece(text: string, start: number, close: string, source: string): [string, number] {
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === close) return [content, at + 1];
    if (c === '\\') at++;
    content += text.charAt(at);
  }
  throw new FormatError(
    `${source}: the quote ${text.charAt(start)} at column ${start + 1} is never closed. Close it with ${close}.`,
  );
}
