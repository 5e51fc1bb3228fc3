/**
 * What all text formats share: numbers as Fortran, C and Python write them, decimal text, tokens and error places.
 *
 * `Number(text)` is never used on its own: it reads '' as 0 and '0x10' as 16.
 */
import { FormatError } from '@mace/core';

const realPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d+)?$/;
const integerPattern = /^[+-]?\d+$/;
const specialReals: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
]);

/** True when the text is a whole number without point or exponent. */
export function isIntegerText(text: string): boolean {
  return integerPattern.test(text);
}

/** Reads a decimal number, `1d5` and `nan`/`inf` included; undefined when the text is not one. */
export function parseReal(text: string): number | undefined {
  if (realPattern.test(text)) {
    const value = Number(text);
    return Number.isNaN(value) ? Number(text.replace(/[dD]/, 'e')) : value;
  }
  const negative = text.startsWith('-');
  const special = specialReals.get(text.slice(negative || text.startsWith('+') ? 1 : 0).toLowerCase());
  return special === undefined ? undefined : negative ? -special : special;
}

/** Reads a whole number that float64 holds exactly; undefined when the text is not one. */
export function parseInteger(text: string): number | undefined {
  if (!integerPattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : undefined;
}

/** Shortest decimal text that reads back to the same float64; always looks like a real number (`2.0`, `-0.0`, `1e+21`, `nan`). */
export function realText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Splits at white space; no empty tokens. */
export function tokens(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** Splits text into lines at LF, CRLF or CR; a byte order mark and the empty piece after the last line end are dropped. */
export function splitLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** A short printable piece of foreign text for a message: control characters escaped, at most 40 characters. */
export function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  return JSON.stringify(short);
}

/** Throws a FormatError that starts with the place: `water.xyz line 14: …`. Lines count from 1. */
export function failAt(source: string, line: number, message: string): never {
  throw new FormatError(`${source} line ${line}: ${message}`);
}

/** Reads a finite number or throws a FormatError that says which quantity it was. */
export function finiteReal(text: string | undefined, what: string, source: string, line: number): number {
  const value = text === undefined ? undefined : parseReal(text);
  if (value === undefined || !Number.isFinite(value)) {
    failAt(
      source,
      line,
      `expected a finite number for ${what}, got ${text === undefined ? 'nothing' : quoted(text)}. Correct or remove this entry.`,
    );
  }
  return value;
}

/** An empty record without prototype, so that a key such as `__proto__` of a foreign file is only a key. */
export function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
