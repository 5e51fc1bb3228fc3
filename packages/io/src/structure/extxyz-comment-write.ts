/** Info records as `key=value` pairs of an extended XYZ comment line; reading them gives the same values and kinds. */
import { FormatError } from '@mace/core';
import type { InfoArray, InfoValue } from '@mace/core/structure';
import { jsonPrefix, matrixKeys, plainValue, textKeys, transposed } from './extxyz-values.js';
import { isReal } from './info-kinds.js';
import { nestedLists, pythonJsonText } from './python-json.js';
import { quoted, realText } from './text.js';

/** One `key=value` of a comment line. Throws FormatError for a value that the format cannot hold. */
export function pairText(info: Readonly<Record<string, InfoValue>>, key: string, value: InfoValue): string {
  if (key === '') throw new FormatError('extxyz: an info key is empty. Rename it before writing.');
  if (/[\r\n]/.test(key))
    throw new FormatError(`extxyz: the info key ${quoted(key)} holds a line end. Rename it before writing.`);
  return `${quoteIfNeeded(key)}=${valueText(info, key, value)}`;
}

function valueText(info: Readonly<Record<string, InfoValue>>, key: string, value: InfoValue): string {
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'number') return isReal(info, key, value) ? realText(value) : String(value);
  if (typeof value === 'string') return stringText(key, value);
  const isMatrix = matrixKeys.has(key) && value.kind !== 'text' && value.values.length === 9;
  const flat = isMatrix ? { ...value, shape: [9], values: transposed(value.values as readonly number[]) } : value;
  const length = flat.shape[0] ?? 1;
  // ASE takes the pair after `""` for the value.
  if (flat.kind === 'integer' && flat.shape.length === 1 && length === 0) return '" "';
  if (flat.kind !== 'text' && flat.shape.length === 1 && length > 1) {
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
