import { describe, expect, it } from 'vitest';
import { GraphError } from '../errors.js';
import {
  compareIrreps,
  formatIrrep,
  formatIrreps,
  irrepDimension,
  parseIrreps,
  sphericalHarmonicsIrreps,
  type IrrepBlock,
} from './irreps.js';
import { channelwiseProduct, type ChannelwiseProduct } from './tensor-product.js';
import { evaluate, largestDifference, randomNumbers, rotated } from './testing/evaluate.js';
import { reference } from './testing/reference.js';
import { randomRotation } from './wigner.js';

const single = (blocks: readonly IrrepBlock[]) => blocks.map(({ irrep }) => ({ multiplicity: 1, irrep }));
const size = (blocks: readonly IrrepBlock[]) => blocks.reduce((sum, { irrep }) => sum + irrepDimension(irrep), 0);

/** Upstream's flat result (blocks in order of paths, channel slow) from the tables, one channel of one block group at a time. */
function flatResult(
  product: ChannelwiseProduct,
  input: readonly IrrepBlock[],
  groupsOfBlocks: readonly number[][],
  x: readonly number[],
  y: readonly number[],
  weights: readonly number[],
): Float64Array {
  const starts = running(product.paths.map(({ multiplicity, irrep }) => multiplicity * irrepDimension(irrep)));
  const inputStarts = running(input.map(({ multiplicity, irrep }) => multiplicity * irrepDimension(irrep)));
  const result = new Float64Array(starts.at(-1)!);
  for (const blocks of groupsOfBlocks) {
    const channels = input[blocks[0]!]!.multiplicity;
    const table = product.table(blocks);
    const own = product.paths.filter(({ inputBlock }) => blocks.includes(inputBlock));
    for (let u = 0; u < channels; u++) {
      const features = blocks.flatMap((block) => {
        const n = irrepDimension(input[block]!.irrep);
        return x.slice(inputStarts[block]! + u * n, inputStarts[block]! + (u + 1) * n);
      });
      const values = evaluate(
        table,
        features,
        y,
        own.map(({ weightOffset }) => weights[weightOffset + u]!),
      );
      for (const { irrep, componentOffset, paths } of product.groups(blocks)) {
        paths.forEach((path, p) => {
          const n = irrepDimension(irrep);
          for (let m = 0; m < n; m++)
            result[starts[path]! + u * n + m] = values[componentOffset + m * paths.length + p]!;
        });
      }
    }
  }
  return result;
}

function running(sizes: readonly number[]): number[] {
  const sums = [0];
  for (const n of sizes) sums.push(sums.at(-1)! + n);
  return sums;
}

describe('channelwiseProduct', () => {
  it('lists paths in upstream’s order', () => {
    const harmonics = sphericalHarmonicsIrreps(3);
    const input = parseIrreps('7x0e+7x1o');
    const product = channelwiseProduct(input, harmonics, parseIrreps('7x0e+7x1o+7x2e+7x3o'));
    const text = product.paths.map(
      (path) =>
        `${formatIrrep(path.irrep)}=${formatIrrep(input[path.inputBlock]!.irrep)}·${formatIrrep(harmonics[path.harmonicBlock]!.irrep)}`,
    );
    expect(text).toEqual([
      '0e=0e·0e',
      '0e=1o·1o',
      '1o=0e·1o',
      '1o=1o·0e',
      '1o=1o·2e',
      '2e=0e·2e',
      '2e=1o·1o',
      '2e=1o·3o',
      '3o=0e·3o',
      '3o=1o·2e',
    ]);
    expect(product.weightCount).toBe(70);
    expect(product.paths.map(({ weightOffset }) => weightOffset)).toEqual([0, 7, 14, 21, 28, 35, 42, 49, 56, 63]);
    expect(product.groups()).toEqual([
      { irrep: { l: 0, p: 1 }, componentOffset: 0, paths: [0, 1] },
      { irrep: { l: 1, p: -1 }, componentOffset: 2, paths: [2, 3, 4] },
      { irrep: { l: 2, p: 1 }, componentOffset: 11, paths: [5, 6, 7] },
      { irrep: { l: 3, p: -1 }, componentOffset: 26, paths: [8, 9] },
    ]);
    expect(product.table().outputs).toBe(40);
  });

  it.each(reference.products.map((values, n) => [n, values] as const))('is e3nn’s product, case %d', (_, values) => {
    const [input, harmonics, target] = [values.input, values.harmonics, values.target].map(parseIrreps) as [
      IrrepBlock[],
      IrrepBlock[],
      IrrepBlock[],
    ];
    const all = [[...input.keys()]];
    const product = channelwiseProduct(input, harmonics, target);
    expect(formatIrreps(product.paths)).toBe(values.irreps);
    expect(product.weightCount).toBe(values.weights.length);
    expect(
      largestDifference(flatResult(product, input, all, values.x, values.y, values.weights), values.value),
    ).toBeLessThan(1e-14);
    const rounded = channelwiseProduct(input, harmonics, target, { round: Math.fround });
    expect(
      largestDifference(flatResult(rounded, input, all, values.x, values.y, values.weights), values.rounded),
    ).toBeLessThan(1e-14);
    expect(largestDifference(values.value, values.rounded)).toBeGreaterThan(1e-10);
  });

  it('splits into tables for some of the blocks', () => {
    const values = reference.products[0]!;
    const [input, harmonics, target] = [values.input, values.harmonics, values.target].map(parseIrreps) as [
      IrrepBlock[],
      IrrepBlock[],
      IrrepBlock[],
    ];
    const product = channelwiseProduct(input, harmonics, target);
    expect(
      largestDifference(flatResult(product, input, [[1], [0]], values.x, values.y, values.weights), values.value),
    ).toBeLessThan(2e-15);
    expect(product.groups([0]).map(({ paths }) => paths)).toEqual([[0], [2], [5], [8]]);
    expect(product.table([0]).outputs).toBe(16);
    expect(product.table([]).outputs).toBe(0);
  });

  it('keeps the paths of blocks with unequal multiplicities, and their weights', () => {
    const product = channelwiseProduct(parseIrreps('4x0e+2x1o'), sphericalHarmonicsIrreps(1), parseIrreps('4x0e+4x1o'));
    expect(product.paths.map(({ multiplicity, weightOffset }) => [multiplicity, weightOffset])).toEqual([
      [4, 0],
      [2, 4],
      [4, 6],
      [2, 10],
    ]);
    expect(product.weightCount).toBe(12);
  });

  it('does not round where upstream uses no 3j symbol', () => {
    const product = channelwiseProduct(
      parseIrreps('1x0e+1x1o'),
      sphericalHarmonicsIrreps(1),
      parseIrreps('1x0e+1x1o'),
      { round: () => NaN },
    );
    expect(new Set(product.table().monomials.map(({ coefficient }) => coefficient))).toEqual(
      new Set([1, 1 / Math.sqrt(3)]),
    );
  });

  it.each([
    ['1x0e+1x1o+1x2e', '1x0e+1x1o+1x2e+1x3o', '1x0e+1x0o+1x1o+1x1e+1x2o+1x2e+1x3o'],
    ['1x1e+1x0o', '1x0e+1x1o+1x2e', '1x0e+1x0o+1x1o+1x1e+1x2e+1x2o'],
  ])('is equivariant under rotations and inversion: %s ⊗ %s', (inputText, harmonicsText, targetText) => {
    const [input, harmonics, target] = [inputText, harmonicsText, targetText].map(parseIrreps) as [
      IrrepBlock[],
      IrrepBlock[],
      IrrepBlock[],
    ];
    const product = channelwiseProduct(input, harmonics, target);
    const table = product.table();
    const byPath = (values: Float64Array) =>
      product
        .groups()
        .flatMap(({ irrep, componentOffset, paths }) =>
          paths.flatMap((_, p) =>
            Array.from({ length: irrepDimension(irrep) }, (_, m) => values[componentOffset + m * paths.length + p]!),
          ),
        );
    for (let seed = 0; seed < 4; seed++) {
      const [x, y, w] = [
        randomNumbers(seed, size(input)),
        randomNumbers(seed + 50, size(harmonics)),
        randomNumbers(seed + 90, product.paths.length),
      ];
      const rotation = randomRotation(seed);
      const turned = byPath(
        evaluate(table, rotated(input, rotation, x, true), rotated(harmonics, rotation, y, true), w),
      );
      const expected = rotated(single(product.paths), rotation, byPath(evaluate(table, x, y, w)), true);
      expect(largestDifference(turned, expected)).toBeLessThan(1e-14);
    }
  });

  it('has its outputs sorted by irrep', () => {
    const { paths } = channelwiseProduct(
      parseIrreps('1x1e+1x0o+1x2e'),
      sphericalHarmonicsIrreps(2),
      parseIrreps('1x2e+1x1o+1x1e+1x0o'),
    );
    paths.slice(1).forEach((path, n) => expect(compareIrreps(paths[n]!.irrep, path.irrep)).toBeLessThanOrEqual(0));
  });

  it('refuses harmonics with channels and unknown blocks', () => {
    const irreps = parseIrreps('2x0e');
    expect(() => channelwiseProduct(irreps, irreps, irreps)).toThrow(GraphError);
    expect(() => channelwiseProduct(irreps, sphericalHarmonicsIrreps(1), irreps).table([1])).toThrow(
      /expected 0 to 0, got 1\./,
    );
  });
});
