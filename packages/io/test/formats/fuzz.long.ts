/** 10,000 mutated files a format; not part of the short run. */
import { describe, it } from 'vitest';
import { formatNames, fuzz } from './fuzz.js';

describe('mutated files, long', () => {
  it.each(formatNames)('%s', (format) => fuzz(format, 10_000, 12));
});
