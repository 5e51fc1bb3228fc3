/** The guard of forces: by their size. */
import { expect, test } from 'vitest';
import { allLimits, forceProblem } from './limits.js';

test('a force is as large as its vector', () => {
  const limits = allLimits({ largestForce: 4.5 }, 300);
  expect(forceProblem(Float64Array.of(0, 0, 0, -3, -4, 0), limits)).toMatch(
    /^the force on atom 1 is 5\.00 eV\/Å; the limit is 4\.5\./,
  );
  expect(forceProblem(Float64Array.of(NaN, 0, 0), limits)).toMatch(/^the force on atom 0 is NaN/);
  expect(forceProblem(Float64Array.of(0, -4.4, 0, 3, 3, 0), limits)).toBeNull();
});
