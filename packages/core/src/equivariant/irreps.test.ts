import { describe, expect, it } from 'vitest';
import { FormatError, GraphError } from '../errors.js';
import * as irreps from './irreps.js';

const sorted = (text: string) => irreps.formatIrreps(irreps.sortIrreps(irreps.parseIrreps(text)));
const simplified = (text: string) => irreps.formatIrreps(irreps.simplifyIrreps(irreps.parseIrreps(text)));

describe('irreps', () => {
  it('reads and writes upstream’s text', () => {
    expect(irreps.parseIrreps(' 128x0e + 1o+ 2 x 2e')).toEqual([
      { multiplicity: 128, irrep: { l: 0, p: 1 } },
      { multiplicity: 1, irrep: { l: 1, p: -1 } },
      { multiplicity: 2, irrep: { l: 2, p: 1 } },
    ]);
    expect(irreps.formatIrreps(irreps.parseIrreps('128x0e + 1o'))).toBe('128x0e+1x1o');
    expect(irreps.parseIrreps(' ')).toEqual([]);
    expect(irreps.parseIrrep('3o')).toEqual({ l: 3, p: -1 });
  });

  it.each(['0', '0x', '1x0y', '1x0e+', '-1x0e', '1x0e,1x1o', '1.5x0e', 'e', '1x0e 1x1o', '1x-1e'])(
    'refuses %j',
    (text) => {
      expect(() => irreps.parseIrreps(text)).toThrow(FormatError);
    },
  );

  it('names the bad term and what to do', () => {
    expect(() => irreps.parseIrreps('1x0e+2z')).toThrow(/"1x0e\+2z".*term 2.*expected.*"2z"\. Correct/);
    expect(() => irreps.parseIrrep('1x0e+1x1o')).toThrow(FormatError);
  });

  it('orders odd before even and keeps the order of equals', () => {
    expect(sorted('1x1e+1x0e+1x1o+1x0o')).toBe('1x0o+1x0e+1x1o+1x1e');
    expect(sorted('2x1o+3x0e+4x1o+5x0e')).toBe('3x0e+5x0e+2x1o+4x1o');
  });

  it('merges neighbors only', () => {
    expect(simplified('1x0e+2x0e+0x1o+3x0e+1x1o+1x0e')).toBe('6x0e+1x1o+1x0e');
    expect(simplified('0x1o')).toBe('');
  });

  it('multiplies: dimensions agree and degrees ascend', () => {
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b < 5; b++) {
        const product = irreps.irrepProduct({ l: a, p: -1 }, { l: b, p: b % 2 === 0 ? 1 : -1 });
        expect(product.reduce((sum, irrep) => sum + irreps.irrepDimension(irrep), 0)).toBe((2 * a + 1) * (2 * b + 1));
        expect(product.map(({ l }) => l)).toEqual(product.map((_, i) => Math.abs(a - b) + i));
        expect(product.every(({ p }) => p === (b % 2 === 0 ? -1 : 1))).toBe(true);
      }
    }
  });

  it('counts', () => {
    const blocks = irreps.parseIrreps('4x0e+2x1o+3x0e+1x2e');
    expect(irreps.dimension(blocks)).toBe(4 + 6 + 3 + 5);
    expect(irreps.irrepCount(blocks)).toBe(10);
    expect(irreps.countOf(blocks, { l: 0, p: 1 })).toBe(7);
    expect(irreps.countOf(blocks, { l: 0, p: -1 })).toBe(0);
    expect(irreps.includesIrrep(blocks, { l: 2, p: -1 })).toBe(false);
    expect(irreps.maxDegree(blocks)).toBe(2);
    expect(() => irreps.maxDegree([])).toThrow(GraphError);
    expect(irreps.sameBlocks(blocks, irreps.parseIrreps('4x0e+2x1o+3x0e+1x2e'))).toBe(true);
    expect(irreps.sameBlocks(blocks, irreps.sortIrreps(blocks))).toBe(false);
  });

  it('lists the harmonics', () => {
    expect(irreps.formatIrreps(irreps.sphericalHarmonicsIrreps(3))).toBe('1x0e+1x1o+1x2e+1x3o');
    expect(irreps.formatIrreps(irreps.sphericalHarmonicsIrreps(2, true))).toBe('1x0e+1x1e+1x2e');
  });
});
