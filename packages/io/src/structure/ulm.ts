/**
 * The container ULM in which ASE keeps trajectories (`ase/io/ulm.py` of ASE 3.29): items of JSON, each after the arrays that it names,
 * and a table of where they begin. Every place and size is checked before it is read.
 */
import { FormatError } from '@mace/core';
import type { Reading } from './byte-source.js';
import { isPythonObject, parsePythonJson, pythonNumber, type PythonJson, type PythonObject } from './python-json.js';
import { quoted } from './text.js';

const magics = ['- of Ulm', 'AFFormat'];
const headerBytes = 48;
const newestVersion = 3;
/** Bytes of one item's JSON: arrays are not in it. */
const longestItem = 256 * 1024 * 1024;

/** An opened container. */
export interface Ulm {
  readonly source: string;
  readonly size: number;
  readonly tag: string;
  readonly items: number;
  /** Where the table of items begins. */
  readonly table: number;
}

/** One item, and whether its arrays are little-endian. */
export interface UlmItem {
  readonly values: PythonObject;
  readonly isLittle: boolean;
  /** Names the item in messages. */
  readonly where: string;
}

/** An array of numbers or truth values, row-major. */
export interface UlmArray {
  readonly shape: readonly number[];
  readonly kind: 'real' | 'integer' | 'logical';
  readonly values: Float64Array;
}

export function isUlm(bytes: Uint8Array): boolean {
  return magics.includes(ascii(bytes.subarray(0, 8)));
}

/** @throws FormatError for what is no ULM, of a newer version, or cut off before its table */
export function* openUlm(size: number, source: string): Reading<Ulm> {
  if (size < headerBytes) throw cut(source, `it has ${size} bytes, less than its header of ${headerBytes}`);
  const head = yield { at: 0, length: headerBytes };
  if (!isUlm(head))
    throw new FormatError(
      `${source}: this is no ULM file, it starts with ${quoted(ascii(head.subarray(0, 8)))}. Check its name.`,
    );
  const [version, items, table] = [24, 32, 40].map((at) => integerAt(head, at)) as [number, number, number];
  if (!(version >= 1 && version <= newestVersion))
    throw new FormatError(
      `${source} byte 24: expected a version of ULM from 1 to ${newestVersion}, got ${version}. Write the file with ASE 3.29, or as extxyz.`,
    );
  if (!(items >= 0 && table >= headerBytes && table + 8 * items <= size))
    throw cut(source, `the table of its ${items} items would lie at byte ${table}, and the file has ${size} bytes`);
  return { source, size, tag: ascii(head.subarray(8, 24)).trimEnd(), items, table };
}

/** Where items begin, from one on, at most so many: places of 8 bytes each. */
export function* itemPlaces({ table, items }: Ulm, from: number, most: number): Reading<number[]> {
  const count = Math.min(most, items - from);
  const bytes = yield { at: table + 8 * from, length: 8 * count };
  return Array.from({ length: count }, (_, i) => integerAt(bytes, 8 * i));
}

/** @throws FormatError with the number of the item, from 0 on as in ASE */
export function* readItem({ source, size }: Ulm, index: number, at: number): Reading<UlmItem> {
  const where = `${source} frame ${index}`;
  if (!(at >= headerBytes && at + 8 <= size))
    throw cut(where, `it would begin at byte ${at}, and the file has ${size} bytes`);
  const length = integerAt(yield { at, length: 8 }, 0);
  if (!(length >= 2 && length <= longestItem && at + 8 + length <= size))
    throw cut(where, `its ${length} bytes of JSON would begin at byte ${at + 8}, and the file has ${size} bytes`);
  const text = yield { at: at + 8, length };
  const values = parsePythonJson(utf8(text, where), where);
  if (!isPythonObject(values))
    throw new FormatError(`${where}: expected a JSON object at byte ${at + 8}. Copy the file again.`);
  return { values, isLittle: values['_little_endian'] !== false, where };
}

/** The array of this name, which JSON says is `[shape, type, place]`; undefined where there is none. @throws FormatError */
export function* readArray(
  { size }: Ulm,
  { isLittle, where }: UlmItem,
  values: PythonObject,
  name: string,
): Reading<UlmArray | undefined> {
  const said = values[`${name}.`];
  if (!isPythonObject(said)) return undefined;
  const [shapeJson, type, atJson] = Array.isArray(said['ndarray']) ? said['ndarray'] : [];
  const shape = Array.isArray(shapeJson) ? shapeJson.map((n) => wholeOf(n)) : [NaN];
  const at = wholeOf(atJson);
  const format = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
  if (format === undefined || !shape.every((n) => n >= 0) || !(at >= headerBytes))
    throw new FormatError(
      `${where}, ${name}: expected numbers of a type of ${Object.keys(types).join(', ')} with shape and place, got ${quoted(JSON.stringify(said['ndarray'] ?? null))}. Write the file again.`,
    );
  const count = shape.reduce((product, n) => product * n, 1);
  if (!(at + count * format.bytes <= size))
    throw cut(`${where}, ${name}`, `its ${count} numbers would begin at byte ${at}, and the file has ${size} bytes`);
  const bytes = yield { at, length: count * format.bytes };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = Number(format.get(view, i * format.bytes, isLittle));
  if (format.kind === 'integer' && !numbers.every((value) => Number.isSafeInteger(value)))
    throw new FormatError(`${where}, ${name}: a whole number is larger than 2⁵³. Write it as float64.`);
  return { shape, kind: format.kind, values: numbers };
}

interface NumberType {
  readonly bytes: number;
  readonly kind: UlmArray['kind'];
  readonly get: (view: DataView, at: number, isLittle: boolean) => number | bigint;
}

/** Types of numpy by their names. */
const types: Readonly<Record<string, NumberType>> = {
  float64: { bytes: 8, kind: 'real', get: (view, at, isLittle) => view.getFloat64(at, isLittle) },
  float32: { bytes: 4, kind: 'real', get: (view, at, isLittle) => view.getFloat32(at, isLittle) },
  int64: { bytes: 8, kind: 'integer', get: (view, at, isLittle) => view.getBigInt64(at, isLittle) },
  int32: { bytes: 4, kind: 'integer', get: (view, at, isLittle) => view.getInt32(at, isLittle) },
  int16: { bytes: 2, kind: 'integer', get: (view, at, isLittle) => view.getInt16(at, isLittle) },
  int8: { bytes: 1, kind: 'integer', get: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, kind: 'integer', get: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, kind: 'logical', get: (view, at) => view.getUint8(at) },
};

function wholeOf(value: PythonJson | undefined): number {
  const number = value === undefined ? undefined : pythonNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : NaN;
}

/** Places and counts are little-endian in every file. NaN for more than 2⁵³. */
function integerAt(bytes: Uint8Array, at: number): number {
  const value = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(at, true));
  return Number.isSafeInteger(value) ? value : NaN;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function utf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FormatError(`${where}: its JSON is no UTF-8 text. The file is damaged: copy it again.`, { cause: error });
  }
}

function cut(where: string, reason: string): FormatError {
  return new FormatError(`${where}: the file is cut off or damaged: ${reason}. Copy it again.`);
}
