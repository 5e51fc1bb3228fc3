import { describe, expect, it } from 'vitest';
import { GraphError, ShapeError } from '../errors.js';
import { couplingBasis } from './coupling-basis.js';
import { denseToEntries, entriesToDense } from './coupling-entries.js';
import { parseIrrep, parseIrreps, sphericalHarmonicsIrreps, type Irrep } from './irreps.js';
import { largestDifference, rotated } from './testing/evaluate.js';
import { reference } from './testing/reference.js';
import { randomRotation } from './wigner.js';

const natural = (l: number): Irrep => ({ l, p: l % 2 === 0 ? 1 : -1 });

describe('couplingBasis', () => {
  it.each(reference.coupling.map((u) => [u.output, u.base, u.order, u] as const))(
    'is upstream’s U: %s over %s, order %d',
    (_, __, ___, u) => {
      const { shape, data } = entriesToDense(couplingBasis(parseIrreps(u.base), parseIrrep(u.output), u.order));
      expect(shape).toEqual(u.shape);
      const expected = new Float64Array(data.length);
      u.index.forEach((position, n) => (expected[position] = u.value[n]!));
      expect(largestDifference(data, expected)).toBeLessThan(2e-15);
      // Upstream's own zeros were cleaned at 1e-12, so the elements must be the same ones.
      expect(data.filter((x) => x !== 0).length).toBe(u.index.length);
    },
  );

  // Rows: degree of the output; columns: order.
  const counts: readonly (readonly [lmax: number, rows: readonly (readonly number[])[]])[] = [
    [
      1,
      [
        [1, 2, 4, 9],
        [1, 2, 6, 12],
      ],
    ],
    [
      2,
      [
        [1, 3, 11, 46],
        [1, 4, 21, 76],
        [1, 4, 23, 85],
      ],
    ],
    [
      3,
      [
        [1, 4, 23, 158],
        [1, 6, 51],
        [1, 7, 65],
      ],
    ],
    [
      4,
      [
        [1, 5],
        [1, 8],
        [1, 10],
      ],
    ],
  ];
  it.each(counts)('has upstream’s number of paths for ℓmax = %d', (lmax, rows) => {
    rows.forEach((row, degree) =>
      row.forEach((paths, n) =>
        expect(
          couplingBasis(sphericalHarmonicsIrreps(lmax), natural(degree), n + 1).paths,
          `degree ${degree}, order ${n + 1}`,
        ).toBe(paths),
      ),
    );
  });

  it('has orthogonal paths for order 2, of one length per component', () => {
    for (const degree of [0, 1, 2]) {
      const { value, path, component, paths } = couplingBasis(sphericalHarmonicsIrreps(3), natural(degree), 2);
      const norms = new Float64Array(paths * (2 * degree + 1));
      value.forEach((x, e) => (norms[component[e]! * paths + path[e]!]! += x * x));
      for (const norm of norms) expect(norm).toBeCloseTo(1, 13);
    }
  });

  it('couples nothing to an irrep that does not occur: one path, no elements', () => {
    const entries = couplingBasis(sphericalHarmonicsIrreps(1), { l: 0, p: -1 }, 2);
    expect([entries.paths, entries.value.length]).toEqual([1, 0]);
    expect(entriesToDense(entries).shape).toEqual([4, 4, 1]);
  });

  it('is invariant under rotations of all its indices', () => {
    for (const [lmax, output, order] of [
      [1, natural(1), 3],
      [1, { l: 1, p: 1 }, 3],
      [2, natural(2), 2],
    ] as const) {
      const base = sphericalHarmonicsIrreps(lmax);
      const size = (lmax + 1) ** 2;
      const { data } = entriesToDense(couplingBasis(base, output, order));
      const rotation = randomRotation(output.l + order);
      const shape = [2 * output.l + 1, ...Array.from({ length: order }, () => size)];
      const paths = data.length / shape.reduce((product, n) => product * n, 1);
      let turned = data;
      shape.forEach(
        (n, axis) =>
          (turned = alongAxis(
            turned,
            axis,
            shape,
            paths,
            (x) => rotated(axis === 0 ? [{ multiplicity: 1, irrep: output }] : base, rotation, x),
            n,
          )),
      );
      expect(largestDifference(turned, data)).toBeLessThan(5e-14);
    }
  });

  it('rounds to float32 where asked', () => {
    const exact = couplingBasis(sphericalHarmonicsIrreps(2), natural(0), 2);
    const rounded = couplingBasis(sphericalHarmonicsIrreps(2), natural(0), 2, Math.fround);
    expect(rounded.value.every((x) => Math.fround(x) === x)).toBe(true);
    expect(largestDifference(exact.value, rounded.value)).toBeGreaterThan(1e-10);
    expect(largestDifference(exact.value, rounded.value)).toBeLessThan(1e-7);
  });

  it('ends where upstream’s table ends', () => {
    expect(() => couplingBasis(sphericalHarmonicsIrreps(4), natural(0), 3)).toThrow(GraphError);
    expect(() => couplingBasis(sphericalHarmonicsIrreps(4), natural(0), 3)).toThrow(
      /order 3 for 0e over .*up to 11 .*got 12\. Use/,
    );
    expect(() => couplingBasis(parseIrreps('2x0e'), natural(0), 2)).toThrow(/multiplicity 1/);
    expect(() => couplingBasis([], natural(0), 2)).toThrow(GraphError);
    expect(() => couplingBasis(sphericalHarmonicsIrreps(1), natural(0), 0)).toThrow(GraphError);
  });
});

describe('denseToEntries', () => {
  it('undoes entriesToDense', () => {
    for (const [degree, order] of [
      [0, 1],
      [0, 3],
      [1, 1],
      [1, 3],
      [2, 2],
    ] as const) {
      const entries = couplingBasis(sphericalHarmonicsIrreps(2), natural(degree), order);
      const { shape, data } = entriesToDense(entries);
      const again = denseToEntries(shape, data, degree, order);
      expect(again.value.length).toBe(entries.value.length);
      expect([again.paths, again.dimension, again.degree, again.order]).toEqual([entries.paths, 9, degree, order]);
      expect([...entriesToDense(again).data]).toEqual([...data]);
    }
  });

  it('takes a scalar with and without its first axis', () => {
    const { data } = entriesToDense(couplingBasis(sphericalHarmonicsIrreps(1), natural(0), 2));
    expect(denseToEntries([4, 4, 2], data, 0, 2)).toEqual(denseToEntries([1, 4, 4, 2], data, 0, 2));
  });

  it.each([
    [[4, 4, 2], 1, 2],
    [[4, 3, 2], 0, 2],
    [[4, 4, 1], 0, 2],
    [[4, 4, 4, 2], 0, 2],
    [[], 0, 1],
  ])('refuses shape %j for degree %d, order %d', (shape, degree, order) => {
    expect(() => denseToEntries(shape, new Float64Array(32), degree, order)).toThrow(ShapeError);
  });
});

/** Applies `map` to every line of `data` along one of the axes of [shape…, paths]. */
function alongAxis(
  data: Float64Array,
  axis: number,
  shape: readonly number[],
  paths: number,
  map: (line: Float64Array) => Float64Array,
  length: number,
): Float64Array {
  const stride = shape.slice(axis + 1).reduce((product, n) => product * n, paths);
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start++) {
    if (Math.floor(start / stride) % length !== 0) continue;
    map(Float64Array.from({ length }, (_, i) => data[start + i * stride]!)).forEach(
      (x, i) => (result[start + i * stride] = x),
    );
  }
  return result;
}
