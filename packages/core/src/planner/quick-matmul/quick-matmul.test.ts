/** Quick products have the bits of the reference's, whatever the sizes; and it is them that are tested here. */
import { afterEach, expect, test, vi } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeKernels, type Value } from '../../reference/index.js';
import { productModule } from './module.js';
import { quickMatmul } from './index.js';

const random = seededRandom(11);
const reference = makeKernels('f64');

function drawn(shape: readonly number[]): Value {
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float64Array.from({ length }, () => random() - 0.5), uniform: false };
}

afterEach(() => vi.unstubAllGlobals());

test.each([
  [128, 64, 128],
  [300, 64, 64],
  [131, 65, 67],
  [1, 256, 255],
  [2, 17, 1280],
  [4096, 8, 1],
] as const)('[%i, %i] · [%i columns]', (rows, inner, columns) => {
  const matmul = quickMatmul();
  expect(matmul).not.toBe(reference.matmul);
  for (const form of ['nn', 'nt'] as const) {
    const matrix = drawn(form === 'nn' ? [inner, columns] : [columns, inner]);
    // Twice with the same matrix, first with more rows: nothing may be left of them.
    for (const some of [drawn([2 * rows, inner]), drawn([rows, inner])]) {
      const shape = [some.shape[0]!, columns];
      const [own, expected] = [matmul, reference.matmul].map((one) => one(some, matrix, form, undefined, shape));
      expect(own!.shape).toEqual(shape);
      expect(Buffer.compare(bytesOf(own!), bytesOf(expected!))).toBe(0);
    }
  }
});

test('leading axes count as rows, and one number stands for all where a value is uniform', () => {
  const matmul = quickMatmul();
  const [a, b] = [drawn([40, 3, 64]), drawn([64, 32])];
  const uniform: Value = { shape: [40, 3, 64], data: Float64Array.of(0.3), uniform: true };
  for (const x of [a, uniform]) {
    const [own, expected] = [matmul, reference.matmul].map((one) => one(x, b, 'nn', undefined, [40, 3, 32]));
    expect(bytesOf(own!).equals(bytesOf(expected!))).toBe(true);
  }
});

test('one array as several matrices', () => {
  const matmul = quickMatmul();
  const { data } = drawn([64, 64]);
  for (const [form, inner, columns] of [
    ['nn', 64, 64],
    ['nt', 64, 64],
    ['nn', 32, 128],
    ['nt', 128, 32],
  ] as const) {
    const matrix: Value = { shape: form === 'nn' ? [inner, columns] : [columns, inner], data, uniform: false };
    const a = drawn([128, inner]);
    const [own, expected] = [matmul, reference.matmul].map((one) => one(a, matrix, form, undefined, [128, columns]));
    expect(bytesOf(own!).equals(bytesOf(expected!))).toBe(true);
  }
});

test('the module is valid and small enough to be compiled at once anywhere', () => {
  expect(WebAssembly.validate(productModule())).toBe(true);
  expect(productModule().length).toBeLessThan(4096);
});

test('without WebAssembly it is the reference that multiplies', () => {
  vi.stubGlobal('WebAssembly', undefined);
  const [a, b] = [drawn([128, 64]), drawn([64, 64])];
  expect(quickMatmul()(a, b, 'nn', undefined, [128, 64])).toEqual(reference.matmul(a, b, 'nn', undefined, [128, 64]));
});

function bytesOf({ data }: Value): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
