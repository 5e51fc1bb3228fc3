/**
 * The comment line of an extended XYZ frame: `key=value` pairs to an info record, and back.
 *
 * Grammar: libAtoms/extxyz (README of github.com/libAtoms/extxyz); where ASE 3.29 (`ase/io/extxyz.py`) reads the same text
 * otherwise, ASE wins, except that `[..]` arrays may nest and hold texts, and that an open quote is an error.
 */
import { FormatError } from '@mace/core';
import type { InfoArray, InfoValue } from '@mace/core/structure';
import { markWholeReal, isReal } from './info-kinds.js';
import {
  isPythonObject,
  nestedLists,
  parsePythonJson,
  pythonJsonText,
  pythonNumber,
  PythonInteger,
  rectangularArray,
} from './python-json.js';
import { emptyRecord, isIntegerText, parseInteger, parseReal, quoted, realText } from './text.js';

/** Keys whose nine numbers are a matrix in column-major order (ASE: SPECIAL_3_3_KEYS without Lattice). */
const matrixKeys: ReadonlySet<string> = new Set(['virial', 'stress']);
/** Keys that stay text whatever they look like (ASE: UNPROCESSED_KEYS). */
const textKeys: ReadonlySet<string> = new Set(['uid']);
const logicals: ReadonlyMap<string, boolean> = new Map([
  ...['T', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['F', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
const closing: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['{', '}'],
  ['[', ']'],
]);
const jsonPrefix = '_JSON ';
const wordPattern = /[^\s,[\]"']+/y;

interface RawPair {
  readonly key: string;
  /** Undefined for a key alone, which means true. */
  readonly value: string | undefined;
  /** Set when the whole value was one `[…]`, brackets included. */
  readonly bracket: string | undefined;
}

/** Parses a comment line. `source` names the place for messages. Throws FormatError for open quotes and bad `_JSON`. */
export function parseComment(line: string, source: string): Record<string, InfoValue> {
  const info = emptyRecord<InfoValue>();
  for (const pair of splitPairs(line, source)) {
    if (pair.key === '') continue;
    info[pair.key] = pairValue(pair, info, source);
  }
  return info;
}

/** True when the line has a `=` outside quotes, so that it is not free text. */
export function hasAssignments(line: string): boolean {
  return /^\s*["']?[A-Za-z_][^\s"'=]*["']?\s*=|\s["']?[A-Za-z_][^\s"'=]*["']?\s*=/.test(line);
}

/** One `key=value` of a comment line. Throws FormatError for a value that the format cannot hold. */
export function pairText(info: Readonly<Record<string, InfoValue>>, key: string, value: InfoValue): string {
  if (key === '') throw new FormatError('extxyz: an info key is empty. Rename it before writing.');
  if (/[\r\n]/.test(key))
    throw new FormatError(`extxyz: the info key ${quoted(key)} holds a line end. Rename it before writing.`);
  return `${quoteIfNeeded(key)}=${valueText(info, key, value)}`;
}

/** Splits as ASE does: white space ends a pair, except around `=`; quotes and brackets may stand anywhere in a key or value. */
function splitPairs(line: string, source: string): RawPair[] {
  const pairs: { parts: string[]; bracket: string | undefined; isQuoted: boolean }[] = [];
  const open = () => {
    const pair = { parts: [''], bracket: undefined as string | undefined, isQuoted: false };
    pairs.push(pair);
    return pair;
  };
  let pair = open();
  const append = (text: string, isQuoted: boolean): void => {
    pair.parts[pair.parts.length - 1] += text;
    pair.bracket = undefined;
    pair.isQuoted = isQuoted;
  };
  const isEmpty = (): boolean => pair.parts[pair.parts.length - 1] === '' && !pair.isQuoted;
  const text = line.trim();
  let at = 0;
  let unmatched = 0;
  while (at < text.length) {
    const c = text.charAt(at);
    if (c === '\\') {
      append(text.charAt(at + 1), false);
      at += 2;
    } else if (closing.has(c)) {
      const startsValue = c === '[' && pair.parts.length === 2 && isEmpty();
      // Each failed search reads to the end of the line, so a hostile line gets only a few.
      const end = startsValue && unmatched < 16 ? matchingBracket(text, at) : -1;
      if (startsValue && end < 0) unmatched++;
      if (end >= 0) {
        append(text.slice(at + 1, end), true);
        pair.bracket = text.slice(at, end + 1);
        at = end + 1;
      } else {
        const [content, next] = quotedPiece(text, at, closing.get(c) ?? '', source);
        append(content, true);
        at = next;
      }
    } else if (c === '=') {
      if (pair.parts.length === 1 && isEmpty() && pairs.length > 1) {
        pairs.pop();
        pair = pairs[pairs.length - 1] as typeof pair;
      }
      pair.parts.push('');
      pair.bracket = undefined;
      pair.isQuoted = false;
      at++;
    } else if (/\s/.test(c)) {
      if (!isEmpty()) pair = open();
      at++;
    } else {
      append(c, false);
      at++;
    }
  }
  return pairs.map(({ parts, bracket }) => ({
    key: parts[0] ?? '',
    value: parts.length > 1 ? parts.slice(1).join('=') : undefined,
    bracket,
  }));
}

function quotedPiece(text: string, start: number, close: string, source: string): [string, number] {
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

function matchingBracket(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === '\\') at++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return at;
  }
  return -1;
}

function pairValue(pair: RawPair, info: Record<string, InfoValue>, source: string): InfoValue {
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
function plainValue(text: string, source: string): InfoValue | WholeReal {
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

function transposed<T>(values: readonly T[]): T[] {
  return [0, 3, 6, 1, 4, 7, 2, 5, 8].map((index) => values[index] as T);
}

function valueText(info: Readonly<Record<string, InfoValue>>, key: string, value: InfoValue): string {
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'number') return isReal(info, key, value) ? realText(value) : String(value);
  if (typeof value === 'string') return stringText(key, value);
  const isMatrix = matrixKeys.has(key) && value.kind !== 'text' && value.values.length === 9;
  const flat = isMatrix ? { ...value, shape: [9], values: transposed(value.values as readonly number[]) } : value;
  const length = flat.shape[0] ?? 1;
  if (flat.kind !== 'text' && flat.shape.length === 1 && length !== 1 && (length > 0 || flat.kind === 'integer')) {
    return `"${flat.values.map((item) => elementText(item, flat.kind)).join(' ')}"`;
  }
  return quote(jsonPrefix + pythonJsonText(nestedLists(flat)));
}

function elementText(item: number | string | boolean, kind: InfoArray['kind']): string {
  if (typeof item === 'boolean') return item ? 'T' : 'F';
  if (typeof item === 'number') return kind === 'integer' ? String(item === 0 ? 0 : item) : realText(item);
  return item;
}

/** Bare or quoted where that reads back as the same text, as a `_JSON` text otherwise (`"5"`, `"T"`, line ends, empty). */
function stringText(key: string, value: string): string {
  const hasLineEnd = /[\r\n\u0085\u2028\u2029\v\f]/.test(value);
  if (!hasLineEnd && (textKeys.has(key.toLowerCase()) || readsBack(value))) return quoteIfNeeded(value);
  return quote(jsonPrefix + JSON.stringify(value));
}

function readsBack(value: string): boolean {
  try {
    return plainValue(value, 'extxyz') === value;
  } catch {
    return false;
  }
}

function quoteIfNeeded(text: string): string {
  return text === '' || /[\s"'{}[\]=\\]/.test(text) ? quote(text) : text;
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
