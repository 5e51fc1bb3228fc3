/** 120 contradictory files; text-contradictions.long.ts has 1,000. */
import { expect, it } from 'vitest';
import { contradict } from './text-contradictions.js';

it('files that contradict themselves are refused, or read with a warning', () => {
  const { refused, warned, same } = contradict(120, 20);
  expect(refused + warned).toBeGreaterThan(6 * same);
});
