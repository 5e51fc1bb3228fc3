/** A few of the files of crystal-contradictions.long.ts. */
import { expect, test } from 'vitest';
import { contradict } from './crystal-contradictions.js';

test.each(['cif', 'pdb'] as const)(
  '%s files of which one statement was changed are never read in silence',
  (format) => {
    expect(contradict(format, 40, 7).size).toBeGreaterThan(5);
  },
);
