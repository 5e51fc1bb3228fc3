/**
 * Tensors of a torch archive: the calls that rebuild them, and the reading of their storages into dense arrays.
 *
 * Strides are honoured (permuted views occur). A view that repeats elements could make a small file huge and is refused.
 */
import { FormatError, type Tensor } from '@mace/core';
import { PickleStorage, PickleTensor, PickleTuple, describe, type PickleValue } from './values.js';

/** Bytes per element of every storage type. */
const elementSizes: Readonly<Record<string, number>> = {
  DoubleStorage: 8,
  FloatStorage: 4,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
};

const remedy = 'The file is damaged, or not written by PyTorch.';
const largestRank = 16;

/** `_rebuild_tensor_v2(storage, offset, size, stride, …)`. @throws FormatError */
export function rebuildTensor(args: readonly PickleValue[], name: string): PickleTensor {
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof PickleStorage))
    throw new FormatError(`${name}: expected a storage, got ${describe(storage)}. ${remedy}`);
  const shape = sizes(size, 'sizes', name);
  const strides = sizes(stride, 'strides', name);
  if (shape.length !== strides.length)
    throw new FormatError(`${name}: ${shape.length} sizes but ${strides.length} strides. ${remedy}`);
  if (!isSize(offset)) throw new FormatError(`${name}: expected an offset, got ${describe(offset)}. ${remedy}`);
  const count = shape.reduce((product, n) => product * n, 1);
  const last = offset + shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 0);
  if (count > 0 && last >= storage.count) {
    throw new FormatError(
      `A tensor of shape [${shape.join(' ')}] ends at element ${last} of storage ${storage.key}, which has ${storage.count}. ${remedy}`,
    );
  }
  if (count > storage.count && count > 0) {
    throw new FormatError(
      `A tensor of shape [${shape.join(' ')}] has more elements than its storage ${storage.key} (${storage.count}). Save it contiguous: tensor.contiguous().`,
    );
  }
  return new PickleTensor(storage, offset, shape, strides);
}

/** `_rebuild_parameter(tensor, …)`: the tensor itself. @throws FormatError */
export function rebuildParameter(args: readonly PickleValue[], name: string): PickleTensor {
  if (args[0] instanceof PickleTensor) return args[0];
  throw new FormatError(`${name}: expected a tensor, got ${describe(args[0])}. ${remedy}`);
}

/** Number type of a tensor, as torch names it without the prefix. */
export function tensorType(tensor: PickleTensor): string {
  return tensor.storage.type.replace('Storage', '');
}

/** Whether the elements are floating-point numbers. */
export function isFloatTensor(tensor: PickleTensor): boolean {
  return isFloat(tensor.storage.type);
}

/** Reads tensors of one archive. */
export interface TensorReader {
  /** A dense copy: float64 for doubles and integers, float32 for smaller floats. @throws FormatError */
  read(tensor: PickleTensor): Tensor;
}

/**
 * @param load - bytes of a storage by its key
 * @param littleEndian - byte order of the storages
 * @param budget - number of bytes that all tensors together may take
 */
export function tensorReader(load: (key: string) => Uint8Array, littleEndian: boolean, budget: number): TensorReader {
  let used = 0;
  return {
    read(tensor) {
      const { storage, offset, shape, strides } = tensor;
      const size = elementSizes[storage.type];
      if (!size)
        throw new FormatError(
          `Storage ${storage.key} has the type ${storage.type}, which is not a type of numbers. ${remedy}`,
        );
      const count = shape.reduce((product, n) => product * n, 1);
      used += count * 8;
      if (used > budget)
        throw new FormatError(
          `The tensors of this file would take more than ${budget} bytes, many times its size. ${remedy}`,
        );
      const data =
        storage.type === 'DoubleStorage' || !isFloat(storage.type) ? new Float64Array(count) : new Float32Array(count);
      if (count === 0) return { shape, data };
      const bytes = load(storage.key);
      if (bytes.length < storage.count * size) {
        throw new FormatError(
          `Storage ${storage.key} has ${bytes.length} bytes; expected ${storage.count * size} (${storage.count} of ${storage.type}). ${remedy}`,
        );
      }
      const whole =
        littleEndian && isContiguous(shape, strides) ? wholeArray(storage.type, bytes, offset, count) : undefined;
      if (whole) return { shape, data: whole };
      const element = elementReader(
        storage.type,
        new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        littleEndian,
      );
      const index = new Array<number>(shape.length).fill(0);
      let at = offset;
      for (let i = 0; i < count; i++) {
        data[i] = element(at * size);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          at += strides[axis]!;
          if (++index[axis]! < shape[axis]!) break;
          at -= strides[axis]! * shape[axis]!;
          index[axis] = 0;
        }
      }
      return { shape, data };
    },
  };
}

const isFloat = (type: string): boolean =>
  type === 'DoubleStorage' || type === 'FloatStorage' || type === 'HalfStorage' || type === 'BFloat16Storage';

const isSize = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function sizes(value: PickleValue | undefined, what: string, name: string): number[] {
  if (value instanceof PickleTuple && value.items.length <= largestRank && value.items.every(isSize))
    return [...(value.items as number[])];
  throw new FormatError(
    `${name}: expected a tuple of at most ${largestRank} ${what}, got ${describe(value)}. ${remedy}`,
  );
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

// Typed arrays have the byte order of the machine; every engine that runs today is little-endian, but that is checked.
const littleEndianMachine = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A contiguous run of floats as a typed array, or undefined for other types. The copy also aligns it. */
function wholeArray(
  type: string,
  bytes: Uint8Array,
  offset: number,
  count: number,
): Float64Array | Float32Array | undefined {
  if (!littleEndianMachine) return undefined;
  if (type === 'DoubleStorage') return new Float64Array(bytes.slice(offset * 8, (offset + count) * 8).buffer);
  if (type === 'FloatStorage') return new Float32Array(bytes.slice(offset * 4, (offset + count) * 4).buffer);
  return undefined;
}

function elementReader(type: string, view: DataView, little: boolean): (at: number) => number {
  switch (type) {
    case 'DoubleStorage':
      return (at) => view.getFloat64(at, little);
    case 'FloatStorage':
      return (at) => view.getFloat32(at, little);
    case 'HalfStorage':
      return (at) => halfToNumber(view.getUint16(at, little));
    case 'BFloat16Storage':
      return (at) => bfloatToNumber(view.getUint16(at, little));
    case 'LongStorage':
      return (at) => Number(view.getBigInt64(at, little));
    case 'IntStorage':
      return (at) => view.getInt32(at, little);
    case 'ShortStorage':
      return (at) => view.getInt16(at, little);
    case 'CharStorage':
      return (at) => view.getInt8(at);
    default:
      return (at) => view.getUint8(at);
  }
}

/** IEEE 754 binary16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a float32. */
export function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits * 65536);
  return scratch.getFloat32(0);
}
