// Edges of a cell, and atoms put back into it.
import { expect, it } from 'vitest';
import { basisOf, cellEdges, translated, wrapsInto } from './cell.js';

const cell = [4, 0, 0, 1, 5, 0, 0.5, -1, 6];

it('twelve edges, four along each vector', () => {
  const edges = cellEdges(cell);
  const ways = Array.from({ length: 12 }, (_, i) =>
    [0, 1, 2].map((axis) => edges[6 * i + 3 + axis]! - edges[6 * i + axis]!).join(),
  );
  for (const vector of ['4,0,0', '1,5,0', '0.5,-1,6']) expect(ways.filter((way) => way === vector)).toHaveLength(4);
  expect(new Set(Array.from({ length: 12 }, (_, i) => edges.subarray(6 * i, 6 * i + 6).join()))).toHaveProperty(
    'size',
    12,
  );
});

it('atoms are put into the cell by whole vectors, along periodic directions only', () => {
  const fractions = [-0.25, 1.5, 2.75, 0.5, -3.5, 0];
  const x = [0, 3].flatMap((at) =>
    [0, 1, 2].map((axis) => [0, 1, 2].reduce((sum, k) => sum + fractions[at + k]! * cell[3 * k + axis]!, 0)),
  );
  const basis = basisOf(cell, [true, true, false]);
  const wraps = wrapsInto(x, basis);
  expect([...wraps]).toEqual([1, -1, 0, 0, 4, 0]);
  translated(x, wraps, basis).forEach((value, i) => {
    const [atom, axis] = [Math.floor(i / 3), i % 3];
    const moved = [0, 1, 2].reduce(
      (sum, k) => sum + (fractions[3 * atom + k]! + wraps[3 * atom + k]!) * cell[3 * k + axis]!,
      0,
    );
    expect(value).toBeCloseTo(moved, 12);
  });
});

it('vectors that are not independent are not periodic', () => {
  expect(basisOf([4, 0, 0, 8, 0, 0, 0, 0, 5], [true, true, true]).periodic).toEqual([false, false, false]);
  expect(basisOf([4, 0, 0, 8, 0, 0, 0, 0, 5], [true, false, true]).periodic).toEqual([true, false, true]);
  expect(basisOf(null, [true, true, true]).periodic).toEqual([false, false, false]);
});
