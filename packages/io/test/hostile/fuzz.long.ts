import { expect, test } from 'vitest';
import { fuzz } from './fuzz.js';

test('10,000 mutated files', async () => {
  const { read, refused } = await fuzz(10_000, 2);
  expect(read + refused).toBe(10_000);
});
