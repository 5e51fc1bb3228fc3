/**
 * A JSON reader for what Python writes: `NaN` and `Infinity` are values, and `1.0` is told from `1`.
 *
 * Objects have no prototype (a key `__proto__` is only a key); depth is limited, so a hostile file cannot exhaust the stack.
 * A number that was written as an integer arrives as `PythonInteger`, all others as `number`.
 */
import { FormatError } from '@mace/core';
import type { InfoArray } from '@mace/core/structure';
import { emptyRecord, quoted, realText } from './text.js';

/** A number that the JSON text wrote without point or exponent. */
export class PythonInteger {
  constructor(
    readonly value: number,
    readonly text: string,
  ) {}
}

export type PythonJson = null | boolean | string | number | PythonInteger | PythonJson[] | PythonObject;
export interface PythonObject {
  [key: string]: PythonJson;
}

const maximumDepth = 100;
const numberPattern = /-?(?:Infinity|(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)/y;
const spacePattern = /[ \t\r\n]*/y;
/** Text up to a quote, an escape or a control character: a loop over pieces, as one pattern overflows the stack on long texts. */
const plainPattern = /[^"\\\u0000-\u001f]*/y;
const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const words: ReadonlyMap<string, PythonJson> = new Map<string, PythonJson>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
]);

/** Parses one JSON value. Throws FormatError with line and column. */
export function parsePythonJson(text: string, source: string): PythonJson {
  let at = 0;
  const fail = (message: string): never => {
    const before = text.slice(0, at).split('\n');
    const column = (before[before.length - 1] ?? '').length + 1;
    throw new FormatError(
      `${source} line ${before.length}, column ${column}: ${message} Write the file again, or repair the JSON there.`,
    );
  };
  const skipSpace = (): void => {
    spacePattern.lastIndex = at;
    spacePattern.test(text);
    at = spacePattern.lastIndex;
  };
  const string = (): string => {
    let end = at + 1;
    for (;;) {
      plainPattern.lastIndex = end;
      plainPattern.test(text);
      end = plainPattern.lastIndex;
      if (text[end] === '"') break;
      escapePattern.lastIndex = end;
      if (!escapePattern.test(text)) fail('this text has no closing quote, or a bad escape.');
      end = escapePattern.lastIndex;
    }
    const raw = text.slice(at, end + 1);
    at = end + 1;
    return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  };
  const value = (depth: number): PythonJson => {
    if (depth > maximumDepth) fail(`more than ${maximumDepth} nested brackets.`);
    skipSpace();
    const c = text[at];
    if (c === undefined) fail('the JSON ends too early.');
    if (c === '"') return string();
    if (c === '[') return list(depth);
    if (c === '{') return object(depth);
    for (const [word, meaning] of words) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    return number();
  };
  const number = (): PythonJson => {
    numberPattern.lastIndex = at;
    const found = text.startsWith('Infinity', at) ? ['Infinity'] : numberPattern.exec(text);
    if (found === null) fail(`expected a JSON value, got ${quoted(text.slice(at, at + 12))}.`);
    const [token, fraction, exponent] = found as unknown as [string, string?, string?];
    at += token.length;
    const isInteger = fraction === undefined && exponent === undefined && !token.endsWith('y');
    return isInteger ? new PythonInteger(Number(token), token) : Number(token);
  };
  const list = (depth: number): PythonJson[] => {
    const items: PythonJson[] = [];
    at++;
    skipSpace();
    if (text[at] === ']') {
      at++;
      return items;
    }
    for (;;) {
      items.push(value(depth + 1));
      skipSpace();
      const c = text[at++];
      if (c === ']') return items;
      if (c !== ',') fail('expected a comma or a closing bracket.');
    }
  };
  const object = (depth: number): PythonObject => {
    const entries = emptyRecord<PythonJson>();
    at++;
    skipSpace();
    if (text[at] === '}') {
      at++;
      return entries;
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') fail('expected a key in double quotes.');
      const key = string();
      if (key in entries) fail(`the key ${quoted(key)} stands twice in one object.`);
      skipSpace();
      if (text[at++] !== ':') fail('expected a colon after the key.');
      entries[key] = value(depth + 1);
      skipSpace();
      const c = text[at++];
      if (c === '}') return entries;
      if (c !== ',') fail('expected a comma or a closing brace.');
    }
  };
  if (text.charCodeAt(0) === 0xfeff) at = 1;
  const result = value(0);
  skipSpace();
  if (at !== text.length) fail('text follows the end of the JSON value.');
  return result;
}

/** True for an object (not a list, not null). */
export function isPythonObject(value: PythonJson | undefined): value is PythonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof PythonInteger);
}

/** The number behind a JSON number of either kind; undefined for anything else. */
export function pythonNumber(value: PythonJson | undefined): number | undefined {
  return value instanceof PythonInteger ? value.value : typeof value === 'number' ? value : undefined;
}

/** Turns a rectangular nested list of one kind into an array with shape; undefined when it is not one. */
export function rectangularArray(list: PythonJson): InfoArray | undefined {
  if (!Array.isArray(list)) return undefined;
  const shape: number[] = [];
  for (let level: PythonJson | undefined = list; Array.isArray(level); level = level[0]) shape.push(level.length);
  const leaves: PythonJson[] = [];
  if (!collect(list, shape, 0, leaves)) return undefined;
  if (leaves.every((leaf) => typeof leaf === 'boolean') && leaves.length > 0)
    return { shape, values: leaves as boolean[], kind: 'logical' };
  if (leaves.every((leaf) => typeof leaf === 'string') && leaves.length > 0)
    return { shape, values: leaves as string[], kind: 'text' };
  const values = leaves.map(pythonNumber);
  if (values.some((leaf) => leaf === undefined)) return undefined;
  const whole = leaves.every((leaf) => leaf instanceof PythonInteger);
  if (whole && leaves.some((leaf) => !Number.isSafeInteger((leaf as PythonInteger).value))) return undefined;
  return { shape, values: values as number[], kind: whole && leaves.length > 0 ? 'integer' : 'real' };
}

function collect(value: PythonJson, shape: readonly number[], level: number, leaves: PythonJson[]): boolean {
  if (level === shape.length) {
    leaves.push(value);
    return !Array.isArray(value);
  }
  if (!Array.isArray(value) || value.length !== shape[level]) return false;
  return value.every((item) => collect(item, shape, level + 1, leaves));
}

/** Writes a value as Python's `json.dumps` would, keeping `NaN`, `Infinity` and integer or real kinds. */
export function pythonJsonText(value: PythonJson): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (value instanceof PythonInteger) return value.text;
  if (typeof value === 'number') return jsonReal(value);
  if (Array.isArray(value)) return `[${value.map(pythonJsonText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonJsonText(item)}`)
    .join(', ')}}`;
}

/** A whole number as a JSON integer. */
export function pythonInteger(value: number): PythonInteger {
  return new PythonInteger(value, String(value === 0 ? 0 : value));
}

/** An array with shape as nested lists of JSON values. */
export function nestedLists(array: InfoArray): PythonJson {
  let at = 0;
  const build = (level: number): PythonJson => {
    if (level === array.shape.length) {
      const leaf = array.values[at++] as number | string | boolean;
      return typeof leaf === 'number' && array.kind === 'integer' ? pythonInteger(leaf) : leaf;
    }
    return Array.from({ length: array.shape[level] ?? 0 }, () => build(level + 1));
  };
  return build(0);
}

function jsonReal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? realText(value) : value > 0 ? 'Infinity' : '-Infinity';
}
