/** 300 mutated files a format; fuzz.long.ts has 10,000. */
import { describe, it } from 'vitest';
import { formatNames, fuzz } from './fuzz.js';

describe('mutated files', () => {
  it.each(formatNames)('%s', (format) => fuzz(format, 300, 11));
});
