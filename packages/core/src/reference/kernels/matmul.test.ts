/** A row of a product has the same bits alone, where sums run over the row, and among others, where they run in tiles. */
import { expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeKernels } from './index.js';

test.each([
  ['f64', 'nn'],
  ['f64', 'nt'],
  ['f32', 'nn'],
  ['f32', 'nt'],
] as const)('%s %s', (precision, form) => {
  const random = seededRandom(7);
  const kernels = makeKernels(precision);
  const [rows, inner, columns] = [13, 10, 11];
  const values = (length: number): Float64Array | Float32Array => {
    const drawn = Float64Array.from({ length }, () => random() - 0.5);
    return precision === 'f64' ? drawn : Float32Array.from(drawn);
  };
  const a = values(rows * inner);
  const b = values(inner * columns);
  const matrix = { shape: form === 'nn' ? [inner, columns] : [columns, inner], data: b, uniform: false };
  const product = (first: number, count: number): ArrayLike<number> =>
    kernels.matmul(
      { shape: [count, inner], data: a.slice(first * inner, (first + count) * inner), uniform: false },
      matrix,
      form,
      undefined,
      [count, columns],
    ).data;
  const together = product(0, rows);
  for (let row = 0; row < rows; row++)
    expect(Array.from(product(row, 1))).toEqual(Array.from(together).slice(row * columns, (row + 1) * columns));
  expect(together[columns + 2]).toBeCloseTo(
    Array.from(
      { length: inner },
      (_, k) => a[inner + k]! * (form === 'nn' ? b[k * columns + 2]! : b[2 * inner + k]!),
    ).reduce((x, y) => x + y),
    5,
  );
});
