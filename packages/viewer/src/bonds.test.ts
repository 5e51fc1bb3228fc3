// Bonds are those of a search through all pairs and images, and of frames that move too, without a search at each.
import { covalentRadii } from '@mace/core/structure';
import { describe, expect, it } from 'vitest';
import { Bonds } from './bonds.js';
import { basisOf, translated, wrapsInto } from './cell.js';

const elements = [1, 6, 8, 14];
const numbers = Array.from({ length: 28 }, (_, i) => elements[i % 4]!);
const random = (seed: number): number => Math.abs((Math.sin(12.9898 * seed) * 43758.5453) % 1);
const places = (size: number): number[] => Array.from({ length: 84 }, (_, i) => size * (2 * random(i + 1) - 0.5));
const none = (atoms: number): Int32Array => new Int32Array(3 * atoms);

/** `i j` and the distance of every bond: all pairs, all images that can be near. */
function everyBond(x: ArrayLike<number>, cell: readonly number[] | null, pbc: readonly boolean[]): string[] {
  const found: string[] = [];
  const range = (k: number): number[] => {
    const most = cell && pbc[k] ? Math.ceil(12 / Math.hypot(...cell.slice(3 * k, 3 * k + 3))) + 1 : 0;
    return Array.from({ length: 2 * most + 1 }, (_, n) => n - most);
  };
  const [m, ranges] = [cell ?? new Array<number>(9).fill(0), [0, 1, 2].map(range)];
  for (const a of ranges[0]!)
    for (const b of ranges[1]!)
      for (const c of ranges[2]!)
        for (let i = 0; i < numbers.length; i++)
          for (let j = i; j < numbers.length; j++) {
            if (i === j && (a < 0 || (a === 0 && (b < 0 || (b === 0 && c <= 0))))) continue;
            const [u, v, w] = [x[3 * j]! - x[3 * i]!, x[3 * j + 1]! - x[3 * i + 1]!, x[3 * j + 2]! - x[3 * i + 2]!];
            const distance = Math.sqrt(
              (u + a * m[0]! + b * m[3]! + c * m[6]!) ** 2 +
                (v + a * m[1]! + b * m[4]! + c * m[7]!) ** 2 +
                (w + a * m[2]! + b * m[5]! + c * m[8]!) ** 2,
            );
            if (distance < covalentRadii[numbers[i]!]! + covalentRadii[numbers[j]!]! + 0.45)
              found.push(`${i} ${j} ${distance.toFixed(9)}`);
          }
  return found.sort();
}

function bondsOf(
  bonds: Bonds,
  x: ArrayLike<number>,
  cell: readonly number[] | null,
  pbc: readonly boolean[],
): string[] {
  const found: string[] = [];
  bonds.each(numbers, x, none(numbers.length), basisOf(cell, pbc), (i, j, vector) =>
    found.push(`${Math.min(i, j)} ${Math.max(i, j)} ${Math.hypot(...vector).toFixed(9)}`),
  );
  return found.sort();
}

const cells: Readonly<Record<string, readonly [cell: number[] | null, pbc: boolean[]]>> = {
  'no cell': [null, [true, true, true]],
  'a skewed crystal': [
    [6, 0, 0, 2.5, 5, 0, -1, 2, 7],
    [true, true, true],
  ],
  'a left-handed crystal': [
    [0, 6, 0, 5, 0, 0, 0, 0, 7],
    [true, true, true],
  ],
  'a slab without a third vector': [
    [6, 0, 0, 1, 6, 0, 0, 0, 0],
    [true, true, false],
  ],
  'a wire': [
    [0, 0, 0, 0, 0, 0, 1, 0, 5],
    [false, false, true],
  ],
  'a cell smaller than a bond': [
    [2.2, 0, 0, 0, 9, 0, 0, 0, 9],
    [true, true, true],
  ],
};

describe.each(Object.entries(cells))('bonds of %s', (_, [cell, pbc]) => {
  it('are all there, and each once', () => {
    const x = places(4.5);
    const expected = everyBond(x, cell, pbc);
    expect(expected.length).toBeGreaterThan(10);
    expect(bondsOf(new Bonds(), x, cell, pbc)).toEqual(expected);
  });

  it('are right in every frame of a path, with a search now and then', () => {
    const [bonds, begin] = [new Bonds(), places(4.5)];
    for (let frame = 0; frame < 12; frame++) {
      const x = begin.map((value, i) => value + 0.1 * frame * Math.sin(i));
      expect(bondsOf(bonds, x, cell, pbc)).toEqual(everyBond(x, cell, pbc));
    }
    expect(bonds.searches).toBeGreaterThan(1);
    expect(bonds.searches).toBeLessThan(7);
  });
});

it('bonds are those of chemistry', () => {
  const water = [0, 0, 0, 0.76, 0.59, 0, -0.76, 0.59, 0, 2.8, 0, 0];
  const found: number[][] = [];
  new Bonds().each([8, 1, 1, 8], water, none(4), basisOf(null, []), (i, j) => found.push([i, j]));
  expect(found).toEqual([
    [0, 1],
    [0, 2],
  ]);
});

it('a bond through a wall is whole where both atoms are drawn at its ends, and not where one is wrapped', () => {
  const [cell, pbc] = [
    [10, 0, 0, 0, 10, 0, 0, 0, 10],
    [true, true, true],
  ];
  const x = [-0.5, 5, 5, 0.5, 5, 5];
  const basis = basisOf(cell, pbc);
  const seen = (wraps: Int32Array): [boolean, number][] => {
    const found: [boolean, number][] = [];
    new Bonds().each([6, 6], x, wraps, basis, (_, __, vector, isWhole) => found.push([isWhole, vector[0]!]));
    return found;
  };
  expect(seen(none(2))).toEqual([[true, 1]]);
  const wraps = wrapsInto(x, basis);
  expect([...translated(x, wraps, basis)]).toEqual([9.5, 5, 5, 0.5, 5, 5]);
  expect(seen(wraps)).toEqual([[false, 1]]);
});

it('atoms in one place, and a heap without chemistry, are no trouble', () => {
  const count = (atoms: number): number => {
    let bonds = 0;
    const x = Float64Array.from({ length: 3 * atoms }, (_, i) => 1e-3 * i);
    new Bonds().each(new Uint8Array(atoms).fill(6), x, none(atoms), basisOf(null, []), () => bonds++);
    return bonds;
  };
  expect(count(2)).toBe(1);
  expect(count(400)).toBe(0);
});
