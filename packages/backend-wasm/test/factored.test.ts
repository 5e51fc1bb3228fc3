import { describe, expect, test } from 'vitest';
import { factored, withSharedParts, type Factored } from '../src/kernels/factored.js';

const sum = (...products: string[]): Factored<number> =>
  factored(products.map((factors) => ({ factors: [...factors], coefficient: 2 })));

describe('sums with common factors taken out', () => {
  test('equal parts of several sums are one object, in whatever order their terms come', () => {
    const [first, second] = withSharedParts([sum('axy', 'axz'), sum('bzx', 'byx')]);
    expect(first?.products.map(({ factor }) => factor)).toEqual(['a']);
    expect(first?.products[0]?.rest).toEqual(sum('xy', 'xz'));
    expect(second?.products[0]?.rest).toBe(first?.products[0]?.rest);
  });

  test('parts with other coefficients stay apart', () => {
    const other = factored([{ factors: ['b', 'x'], coefficient: 3 }]);
    const [first, second] = withSharedParts([sum('ax'), other]);
    expect(second?.products[0]?.rest).not.toBe(first?.products[0]?.rest);
  });
});
