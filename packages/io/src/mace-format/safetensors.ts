/**
 * The safetensors container: a length, a JSON header, the tensors' bytes. Float64 and float32, which is what models have.
 *
 * Reading is strict: tensors lie one after the other without gap or overlap and fill the file, and no name occurs twice.
 */
import { FormatError, type Tensor } from '@mace/core';
import { quote, quoteJson, visible } from '../model/quote.js';

export interface SafeTensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: ReadonlyMap<string, string>;
}

const largestHeader = 16 * 2 ** 20;
const mostTensors = 100_000;
const remedy = 'Copy or download the file again, or convert the model again.';
const refuse = (what: string): FormatError => new FormatError(`This safetensors file is malformed: ${what}. ${remedy}`);

/** True when the bytes begin as a safetensors file does. */
export function looksLikeSafeTensors(bytes: Uint8Array): boolean {
  return bytes.length > 9 && bytes[8] === 0x7b && bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0;
}

/** Tensors are written in the order of their names, float64 first, so that equal content gives equal bytes. */
export function writeSafeTensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header = new Map<string, unknown>([['__metadata__', metadata]]);
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    header.set(name, {
      dtype: data instanceof Float64Array ? 'F64' : 'F32',
      shape,
      data_offsets: [end, (end += data.byteLength)],
    });
  }
  const text = JSON.stringify(Object.fromEntries(header));
  const json = new TextEncoder().encode(text);
  const start = 8 + Math.ceil(json.length / 8) * 8; // spaces align the data
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const [, { data }] of entries) {
    const size = data.BYTES_PER_ELEMENT;
    if (littleEndian) bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    else
      data.forEach((value, i) =>
        size === 8 ? view.setFloat64(at + 8 * i, value, true) : view.setFloat32(at + 4 * i, value, true),
      );
    at += data.byteLength;
  }
  return bytes;
}

/** @throws FormatError */
export function readSafeTensors(bytes: Uint8Array): SafeTensors {
  if (bytes.length < 8) throw refuse(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(Math.min(largestHeader, bytes.length - 8)))
    throw refuse(`its header has ${length} bytes; expected at most ${Math.min(largestHeader, bytes.length - 8)}`);
  const start = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, start));
  const tensors: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  const spans: { name: string; from: number; to: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { shape, size, from, to } = entryOf(name, entry, bytes.length - start);
    spans.push({ name, from, to });
    tensors[name] = { shape, data: arrayOf(bytes, start + from, (to - from) / size, size) };
  }
  spans.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of spans) {
    if (from !== end)
      throw refuse(
        `tensor ${quote(name)} begins at byte ${from} of the data; expected ${end}, the end of the one before`,
      );
    end = to;
  }
  if (end !== bytes.length - start)
    throw refuse(`its tensors have ${end} bytes, but the file has ${bytes.length - start} after the header`);
  return { tensors, metadata: metadataOf(Object.hasOwn(header, '__metadata__') ? header['__metadata__'] : {}) };
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function parseHeader(json: Uint8Array): Record<string, unknown> {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    header = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(
      `This safetensors file is malformed: its header is not JSON (${visible((cause as Error).message.slice(0, 200))}). ${remedy}`,
      { cause },
    );
  }
  if (!isRecord(header)) throw refuse('its header is not an object');
  const names = topLevelNames(text);
  if (names > mostTensors) throw refuse(`its header has ${names} entries, more than ${mostTensors}`);
  // JSON.parse keeps the last of two equal names; another reader may keep the first.
  if (names !== Object.keys(header).length) throw refuse('a name occurs twice in its header');
  return header;
}

/** Number of names at the outermost level of valid JSON text, equal ones counted each time. */
function topLevelNames(text: string): number {
  let depth = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') while (text[++i] !== '"') i += text[i] === '\\' ? 1 : 0;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ':' && depth === 1) count++;
  }
  return count;
}

function entryOf(
  name: string,
  entry: unknown,
  available: number,
): { shape: number[]; size: number; from: number; to: number } {
  if (!isRecord(entry)) throw refuse(`the entry of tensor ${quote(name)} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F64' && dtype !== 'F32')
    throw refuse(`tensor ${quote(name)} has the type ${quoteJson(dtype)}; expected F64 or F32`);
  if (!isSizes(shape) || shape.length > 16) throw refuse(`tensor ${quote(name)} has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw refuse(`tensor ${quote(name)} has no valid data_offsets`);
  const size = dtype === 'F64' ? 8 : 4;
  const [from, to] = offsets as [number, number];
  const wanted = shape.reduce((product, n) => product * n, size);
  if (to > available || to - from !== wanted)
    throw refuse(
      `tensor ${quote(name)} of shape [${shape.join(' ')}] takes bytes ${from} to ${to} of ${available}; expected ${wanted} bytes`,
    );
  return { shape, size, from, to };
}

function arrayOf(bytes: Uint8Array, at: number, count: number, size: number): Float64Array | Float32Array {
  if (littleEndian) {
    const { buffer } = bytes.slice(at, at + count * size);
    return size === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, count * size);
  return size === 8
    ? Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true))
    : Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
}

function metadataOf(value: unknown): Map<string, string> {
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string'))
    throw refuse('its __metadata__ is not an object of texts');
  return new Map(Object.entries(value) as [string, string][]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}
