import { expect, test } from 'vitest';
import { fuzz } from './fuzz.js';

test('300 mutated files', async () => {
  const { read, refused } = await fuzz(300, 1);
  expect(read + refused).toBe(300);
  expect(refused).toBeGreaterThan(200);
});
