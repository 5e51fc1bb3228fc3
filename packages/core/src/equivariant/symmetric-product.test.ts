import { describe, expect, it } from 'vitest';
import { couplingBasis } from './coupling-basis.js';
import { entriesToDense, type CouplingEntries } from './coupling-entries.js';
import { dimension, parseIrrep, parseIrreps, sphericalHarmonicsIrreps, type Irrep, type IrrepBlock } from './irreps.js';
import { symmetricContractionTable } from './symmetric-product.js';
import { evaluate, largestDifference, randomNumbers, rotated } from './testing/evaluate.js';
import { randomRotation } from './wigner.js';

const orders = (base: readonly IrrepBlock[], output: Irrep, correlation: number) =>
  Array.from({ length: correlation }, (_, n) => couplingBasis(base, output, n + 1));

/** Σ U[M, i1…iν, κ] W[κ] A[i1]…A[iν] over the dense tensor, as the formula has it. */
function contracted(entries: CouplingEntries, features: Float64Array, weights: ArrayLike<number>): Float64Array {
  const { data } = entriesToDense(entries);
  const { dimension: size, order, paths, degree } = entries;
  const result = new Float64Array(2 * degree + 1);
  data.forEach((value, at) => {
    let product = value * weights[at % paths]!;
    let rest = Math.floor(at / paths);
    for (let n = 0; n < order; n++, rest = Math.floor(rest / size)) product *= features[rest % size]!;
    result[rest]! += product;
  });
  return result;
}

describe('symmetricContractionTable', () => {
  it.each([
    ['1x0e+1x1o', '0e', 4],
    ['1x0e+1x1o+1x2e', '1o', 3],
    ['1x0e+1x1e', '1e', 3],
    ['1x0o+1x0e+1x1o+1x1e', '1e', 3],
  ])('is the contraction: %s → %s, correlation %d', (baseText, outputText, correlation) => {
    const base = parseIrreps(baseText);
    const list = orders(base, parseIrrep(outputText), correlation);
    const features = randomNumbers(1, dimension(base));
    const weights = randomNumbers(
      2,
      list.reduce((sum, { paths }) => sum + paths, 0),
    );
    const values = evaluate(symmetricContractionTable(list), features, weights);
    const expected = new Float64Array(values.length);
    let first = 0;
    for (const entries of list) {
      contracted(entries, features, weights.slice(first)).forEach((x, m) => (expected[m]! += x));
      first += entries.paths;
    }
    expect(largestDifference(values, expected)).toBeLessThan(1e-14);
    expect(Math.hypot(...expected)).toBeGreaterThan(1e-3);
  });

  it('has 94 distinct monomials of the features for the scalar and 316 for the vector, ℓmax = 3, correlation 3', () => {
    for (const [output, byOrder] of [
      ['0e', [1, 16, 77]],
      ['1o', [3, 35, 278]],
    ] as const) {
      const { monomials } = symmetricContractionTable(orders(sphericalHarmonicsIrreps(3), parseIrrep(output), 3));
      const distinct = new Set(
        monomials.map(
          ({ out, factors }) =>
            `${out} ${factors
              .filter(({ operand }) => operand === 0)
              .map(({ component }) => component)
              .join(' ')}`,
        ),
      );
      const found = [1, 2, 3].map((n) => [...distinct].filter((key) => key.split(' ').length === n + 1).length);
      expect(found).toEqual(byOrder);
    }
  });

  it('is linear in the weights and takes them in order of the correlation', () => {
    const list = orders(sphericalHarmonicsIrreps(1), parseIrrep('1o'), 3);
    const { outputs, monomials } = symmetricContractionTable(list);
    expect(outputs).toBe(3);
    const firsts = [0, 1, 3, 9];
    for (const { factors } of monomials) {
      const weight = factors.filter(({ operand }) => operand === 1);
      expect(weight.length).toBe(1);
      const order = factors.length - 1;
      expect(weight[0]!.component).toBeGreaterThanOrEqual(firsts[order - 1]!);
      expect(weight[0]!.component).toBeLessThan(firsts[order]!);
      const components = factors.filter(({ operand }) => operand === 0).map(({ component }) => component);
      expect(components).toEqual([...components].sort((a, b) => a - b));
    }
  });

  it('drops what is antisymmetric: three vectors have no pseudoscalar of one vector', () => {
    const entries = couplingBasis(parseIrreps('1x1o'), { l: 0, p: -1 }, 3);
    expect(entries.value.length).toBe(6);
    expect(symmetricContractionTable([entries]).monomials).toEqual([]);
  });

  it.each([
    ['1x0e+1x1o+1x2e+1x3o', '0e', 3],
    ['1x0e+1x1o+1x2e', '2e', 3],
    ['1x0e+1x1o', '1o', 4],
    ['1x0o+1x0e+1x1o+1x1e', '1e', 3],
  ])('is equivariant under rotations and inversion: %s → %s, correlation %d', (baseText, outputText, correlation) => {
    const base = parseIrreps(baseText);
    const output = parseIrrep(outputText);
    const list = orders(base, output, correlation);
    const table = symmetricContractionTable(list);
    const weights = randomNumbers(
      3,
      list.reduce((sum, { paths }) => sum + paths, 0),
    );
    for (let seed = 0; seed < 3; seed++) {
      const features = randomNumbers(seed + 10, dimension(base));
      const rotation = randomRotation(seed);
      const turned = evaluate(table, rotated(base, rotation, features, true), weights);
      const values = evaluate(table, features, weights);
      expect(
        largestDifference(turned, rotated([{ multiplicity: 1, irrep: output }], rotation, values, true)),
      ).toBeLessThan(1e-13);
    }
  });
});
