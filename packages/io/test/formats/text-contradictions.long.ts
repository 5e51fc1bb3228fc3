/** 1,000 contradictory files of two seeds. */
import { expect, it } from 'vitest';
import { contradict } from './text-contradictions.js';

it.each([1, 2])('seed %d', (seed) => {
  const counts = contradict(500, seed);
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
  expect(counts.refused + counts.warned).toBeGreaterThan(6 * counts.same);
});
