/** Cells that are tiny, flat, skewed or huge, and atoms that crowd: each is searched or refused in seconds. Limits on time are for hangs. */
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../errors.js';
import { seededRandom } from '../generators/index.js';
import { countNeighbors, findNeighbors, makeStructure, neighborGrid } from './index.js';
import { maximumEdges } from './neighbor-limits.js';
import { bruteForceNeighbors } from './testing/brute-force.js';

const atom = (cell: readonly number[]) => makeStructure({ numbers: [1], positions: [0.1, 0.2, 0.3], cell, pbc: true });
const cube = (side: number) => [side, 0, 0, 0, side, 0, 0, 0, side];

describe('what is refused before the search', () => {
  const cells: readonly (readonly [string, readonly number[], RegExp])[] = [
    ['a cell of 1e-5 Å', cube(1e-5), /at most 100000 edges, found about/],
    ['a cell of 1e-3 Å', cube(1e-3), /at most 100000 edges, found about/],
    ['a cell of 0.01 Å', cube(0.01), /at most 100000 edges, found about/],
    ['a cell that is nearly flat', [5, 0, 0, 5, 1e-7, 0, 0, 0, 5], /at most 100000 edges, found about/],
    ['a cube that is skewed by 100 million cells', [5, 0, 0, 4e8, 5, 0, 0, 0, 5], /too skewed.*Niggli/],
    ['a cube that is skewed the other way', [5, 4e8, 0, 0, 5, 0, 0, 0, 5], /too skewed.*Niggli/],
    ['a cube that is skewed along two edges', [5, 0, 0, 0, 5, 0, 2e8, 3e8, 5], /too skewed.*Niggli/],
  ];
  it.each(cells)('%s', (_, cell, message) => {
    for (const search of [findNeighbors, countNeighbors, neighborGrid]) {
      expect(() => search(atom(cell), 5)).toThrow(UnsupportedError);
      expect(() => search(atom(cell), 5)).toThrow(message);
    }
  });

  it('a cell longer, and positions farther, than numbers can be multiplied', () => {
    for (const side of [1e101, 1e160, 1e300])
      for (const search of [findNeighbors, neighborGrid])
        expect(() => search(atom(cube(side)), 5)).toThrow(/longer than 1e\+100 Å, in lattice vector a/);
    const apart = makeStructure({ numbers: [1, 1], positions: [0, 0, -1e308, 0, 0, 1e308] });
    expect(() => neighborGrid(apart, 5)).toThrow(/beyond 1e\+100 Å, at atom 0/);
  });

  it('atoms that crowd in a corner of a cell', () => {
    const random = seededRandom(5);
    const atoms = 40_000;
    const positions = Float64Array.from({ length: 3 * atoms }, () => 2 * random());
    const crowd = makeStructure({ numbers: new Array<number>(atoms).fill(1), positions, cell: cube(100), pbc: true });
    expect(() => findNeighbors(crowd, 5)).toThrow(/found about 1\.\d*e\+9/);
    expect(() => neighborGrid(crowd, 5)).toThrow(UnsupportedError);
  });
});

describe('what is searched', () => {
  it('a cube that is skewed by a hundred thousand cells', () => {
    const structure = atom([5, 0, 0, 5e5, 5, 0, 0, 0, 5]);
    expect(findNeighbors(structure, 5.1).edges).toBe(6);
    expect(neighborGrid(structure, 5.1).proposed).toBeGreaterThan(1e5);
  });

  it('cells of 0.2 Å, of 1e100 Å, and a thin wire', () => {
    expect(findNeighbors(atom(cube(0.2)), 1).edges).toBe(bruteForceNeighbors(atom(cube(0.2)), 1).length);
    const pair = makeStructure({ numbers: [1, 1], positions: [0, 0, 0, 0, 0, 1], cell: cube(1e100), pbc: true });
    expect(findNeighbors(pair, 5).edges).toBe(2);
    const wire = makeStructure({ numbers: [1], positions: [0, 0, 0], cell: cube(1e-3), pbc: [false, false, true] });
    expect(findNeighbors(wire, 5.0005).edges).toBe(10_000);
    expect(neighborGrid(wire, 5.0005).cellsAway).toBeGreaterThan(4096);
  });

  it('is counted as it is found', () => {
    const random = seededRandom(3);
    const positions = Float64Array.from({ length: 300 }, () => 12 * random());
    const structure = makeStructure({ numbers: new Array<number>(100).fill(1), positions, cell: cube(12), pbc: true });
    expect(countNeighbors(structure, 5)).toBe(findNeighbors(structure, 5).edges);
    expect(countNeighbors(structure, 5)).toBeGreaterThan(1000);
  });
});

describe('maximumEdges', () => {
  it('follows the free memory between 1 GiB and 1e9 edges, and the atoms', () => {
    expect(maximumEdges(1e6, 1.28e10)).toBe(1e8);
    expect(maximumEdges(1e6, 0)).toBe(2 ** 30 / 128);
    expect(maximumEdges(1e6, Infinity)).toBe(1e9);
    expect(maximumEdges(3, Infinity)).toBe(3e5);
  });
});
