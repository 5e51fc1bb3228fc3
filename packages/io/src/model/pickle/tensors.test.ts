import { expect, test } from 'vitest';
import { bfloatToNumber, halfToNumber, tensorReader } from './tensors.js';
import { PickleStorage, PickleTensor } from './values.js';

const read = (
  type: string,
  bytes: Uint8Array,
  shape: number[],
  strides: number[],
  offset = 0,
  little = true,
): number[] => {
  const size =
    {
      DoubleStorage: 8,
      LongStorage: 8,
      FloatStorage: 4,
      IntStorage: 4,
      HalfStorage: 2,
      BFloat16Storage: 2,
      ShortStorage: 2,
    }[type] ?? 1;
  const tensor = new PickleTensor(new PickleStorage(type, '0', bytes.length / size), offset, shape, strides);
  return [...tensorReader(() => bytes, little, 1e6).read(tensor).data];
};
const bytes = (array: ArrayBufferView<ArrayBuffer>): Uint8Array => new Uint8Array(array.buffer);

test('strides: a transposed view, a column, a view with an offset', () => {
  const matrix = bytes(Float64Array.of(1, 2, 3, 4, 5, 6)); // [2, 3]
  expect(read('DoubleStorage', matrix, [2, 3], [3, 1])).toEqual([1, 2, 3, 4, 5, 6]);
  expect(read('DoubleStorage', matrix, [3, 2], [1, 3])).toEqual([1, 4, 2, 5, 3, 6]);
  expect(read('DoubleStorage', matrix, [2], [3], 1)).toEqual([2, 5]);
  expect(read('DoubleStorage', matrix, [], [], 4)).toEqual([5]);
  expect(read('DoubleStorage', matrix, [2, 1, 2], [3, 100, 2])).toEqual([1, 3, 4, 6]);
});

test('every number type, both byte orders', () => {
  expect(read('FloatStorage', bytes(Float32Array.of(0.5, -3)), [2], [1])).toEqual([0.5, -3]);
  expect(read('LongStorage', bytes(BigInt64Array.of(-1n, 118n)), [2], [1])).toEqual([-1, 118]);
  expect(read('IntStorage', bytes(Int32Array.of(-7)), [1], [1])).toEqual([-7]);
  expect(read('ShortStorage', bytes(Int16Array.of(-300)), [1], [1])).toEqual([-300]);
  expect(read('CharStorage', bytes(Int8Array.of(-2)), [1], [1])).toEqual([-2]);
  expect(read('ByteStorage', Uint8Array.of(254), [1], [1])).toEqual([254]);
  expect(read('BoolStorage', Uint8Array.of(1, 0), [2], [1])).toEqual([1, 0]);
  expect(read('DoubleStorage', bytes(Float64Array.of(1.25)).reverse(), [1], [1], 0, false)).toEqual([1.25]);
  expect(read('IntStorage', bytes(Int32Array.of(258)).reverse(), [1], [1], 0, false)).toEqual([258]);
});

test('half floats: values of the standard', () => {
  const cases: [bits: number, value: number][] = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x3555, 0.333251953125],
    [0x7c00, Infinity],
    [0x8000, -0],
  ];
  for (const [bits, value] of cases) expect(halfToNumber(bits)).toBe(value);
  expect(halfToNumber(0x7e00)).toBeNaN();
  expect(read('HalfStorage', bytes(Uint16Array.of(0x3c00, 0xc000)), [2], [1])).toEqual([1, -2]);
});

test('bfloat16 is the upper half of a float32', () => {
  for (const value of [1, -2.5, 1024, 2 ** -120]) {
    const bits = new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;
    expect(bfloatToNumber(bits)).toBe(value);
  }
  expect(read('BFloat16Storage', bytes(Uint16Array.of(0x3f80)), [1], [1])).toEqual([1]);
});
