import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StructureError, UnsupportedError } from '../errors.js';
import { edgeVectors } from './edge-vectors.js';
import { makeStructure } from './make-structure.js';
import { findNeighbors, type NeighborList } from './neighbors.js';
import type { Structure } from './structure.js';
import { bruteForceNeighbors } from './testing/brute-force.js';
import { randomStructure, readFirstFrame, seeded, shapes } from './testing/structures.js';

const combinations = Array.from({ length: 8 }, (_, bits) => [(bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0] as const);

/** One text per edge, so that a difference is readable; vectors compared bit by bit through their shortest text. */
function rows(list: NeighborList): string[] {
  return Array.from({ length: list.edges }, (_, e) => {
    const three = (values: ArrayLike<number>): string => [0, 1, 2].map((x) => String(values[3 * e + x]! + 0)).join(',');
    return `${list.receiver[e]} <- ${list.sender[e]} [${three(list.shifts)}] ${three(list.vectors)}`;
  });
}

function expectDefinition(structure: Structure, cutoff: number): number {
  const list = findNeighbors(structure, cutoff);
  const expected = bruteForceNeighbors(structure, cutoff).map(
    ({ sender, receiver, shift, vector }) =>
      `${receiver} <- ${sender} [${shift.join(',')}] ${vector.map((value) => value + 0).join(',')}`,
  );
  expect(rows(list)).toEqual(expected);
  expect(list.offsets[0]).toBe(0);
  for (let atom = 0; atom < list.atoms; atom++) {
    const own = list.receiver.subarray(list.offsets[atom], list.offsets[atom + 1]);
    if (own.some((j) => j !== atom)) expect.fail(`offsets of atom ${atom} hold edges of another`);
  }
  expect(list.offsets[list.atoms]).toBe(list.edges);
  return list.edges;
}

function expectSymmetric(list: NeighborList): void {
  const key = (i: number, j: number, e: number, sign: number): string =>
    [
      i,
      j,
      ...[0, 1, 2].map((x) => sign * list.shifts[3 * e + x]! + 0),
      ...[0, 1, 2].map((x) => sign * list.vectors[3 * e + x]! + 0),
    ].join(' ');
  const edges = new Set(Array.from({ length: list.edges }, (_, e) => key(list.sender[e]!, list.receiver[e]!, e, 1)));
  expect(edges.size).toBe(list.edges);
  for (let e = 0; e < list.edges; e++)
    if (!edges.has(key(list.receiver[e]!, list.sender[e]!, e, -1))) expect.fail(`no reverse of edge ${e}`);
}

describe('findNeighbors equals its definition', () => {
  // 8 shapes × 8 combinations × 2 × 4 seeds = 512 cells.
  for (const shape of shapes) {
    it(`for ${shape} cells of every periodicity`, () => {
      let edges = 0;
      combinations.forEach((pbc, c) => {
        for (const outside of [false, true]) {
          for (let k = 0; k < 4; k++) {
            const structure = randomStructure(
              1000 * shapes.indexOf(shape) + 100 * c + 10 * k + Number(outside),
              shape,
              pbc,
              outside,
            );
            edges += expectDefinition(structure, shape === 'tiny' ? 2.6 : shape === 'huge' ? 9 : 4.1);
          }
        }
      });
      expect(edges).toBeGreaterThan(500);
    });
  }

  it('for many atoms in many bins, some on faces and far away', () => {
    const random = seeded(7);
    const cell = [14, 0, 0, 3, 13, 0, -4, 2, 15];
    const positions = Array.from({ length: 200 }, (_, k) => {
      const fraction = [0, 1, 2].map(() => (k % 7 === 0 ? Math.floor(8 * random()) / 4 : 3 * random() - 1));
      return [0, 1, 2].map(
        (x) => fraction[0]! * cell[x]! + fraction[1]! * cell[3 + x]! + fraction[2]! * cell[6 + x]! + 1e-3 * random(),
      );
    });
    for (const pbc of combinations)
      expectDefinition(makeStructure({ numbers: new Array<number>(200).fill(8), positions, cell, pbc }), 3.5);
  });

  it('for an atom a million cells away', () => {
    const positions = [0.1, 0.2, 0.3, 4e6 + 1, -4e6 + 1, 1];
    const list = findNeighbors(makeStructure({ symbols: ['H', 'O'], positions, cell: [4, 4, 4] }), 3);
    expect(list.edges).toBe(
      bruteForceNeighbors(makeStructure({ symbols: ['H', 'O'], positions, cell: [4, 4, 4] }), 3).length,
    );
    expect(list.edges).toBeGreaterThan(0);
    expectSymmetric(list);
  });

  it('for two clusters a million Å apart', () => {
    const positions = [0, 0, 0, 1, 0, 0, 1e6, 1e6, -1e6, 1e6, 1e6, 1 - 1e6];
    expect(expectDefinition(makeStructure({ numbers: [1, 1, 1, 1], positions }), 5)).toBe(4);
  });

  it('for a lattice cell that is skewed by a hundred cells', () => {
    const simple = makeStructure({ numbers: [29], positions: [0, 0, 0], cell: [2, 0, 0, 0, 2, 0, 0, 0, 2] });
    const skewed = makeStructure({ numbers: [29], positions: [0, 0, 0], cell: [2, 0, 0, 200, 2, 0, -60, 74, 2] });
    expect(findNeighbors(skewed, 5).edges).toBe(findNeighbors(simple, 5).edges);
  });
});

describe('findNeighbors', () => {
  it('counts the shells of simple crystals', () => {
    const cubic = makeStructure({ symbols: ['Po'], positions: [0.3, 0, 0], cell: [1, 1, 1] });
    // Integer points with 0 < n² < r²: shells 6, 12, 8, 6, 24.
    expect([1.1, 1.5, 1.8, 2.1, 2.3].map((cutoff) => findNeighbors(cubic, cutoff).edges)).toEqual([6, 18, 26, 32, 56]);
    const diamond = makeStructure({
      symbols: ['C', 'C'],
      positions: [0, 0, 0, 0.25, 0.25, 0.25],
      cell: [0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0],
    });
    expect([0.5, 0.72, 0.84].map((cutoff) => findNeighbors(diamond, cutoff).edges)).toEqual([8, 32, 56]);
  });

  it('is strict at the cutoff', () => {
    const cubic = makeStructure({ numbers: [1], positions: [0, 0, 0], cell: [2, 2, 2] });
    expect(findNeighbors(cubic, 2).edges).toBe(0);
    expect(findNeighbors(cubic, 2 + 4.5e-16).edges).toBe(6);
    const dimer = makeStructure({ numbers: [1, 1], positions: [0, 0, 0, 0, 3, 4] });
    expect(findNeighbors(dimer, 5).edges).toBe(0);
  });

  it('is symmetric, also for pairs that rounding puts on either side of the cutoff', () => {
    let close = 0;
    for (let seed = 0; seed < 60; seed++) {
      const structure = randomStructure(
        50_000 + seed,
        shapes[seed % shapes.length]!,
        combinations[(seed >> 3) & 7]!,
        seed % 2 === 0,
      );
      const first = findNeighbors(structure, 4);
      expectSymmetric(first);
      if (first.edges === 0) continue;
      // The cutoff exactly at the length of one edge.
      const e = Math.floor(first.edges / 2);
      const length = Math.hypot(...first.vectors.subarray(3 * e, 3 * e + 3));
      const second = findNeighbors(structure, length);
      expectSymmetric(second);
      close++;
    }
    expect(close).toBeGreaterThan(40);
  });

  it('does not depend on translation by lattice vectors, except in S', () => {
    const structure = randomStructure(5, 'triclinic', [true, true, true], false);
    const moved = {
      ...structure,
      positions: structure.positions.map((value, k) => value + (k < 3 ? 3 * structure.cell![k]! : 0)),
    };
    expect(findNeighbors(moved, 5).edges).toBe(findNeighbors(structure, 5).edges);
    expect(findNeighbors(moved, 5).shifts).not.toEqual(findNeighbors(structure, 5).shifts);
  });

  it('follows a permutation of the atoms', () => {
    const structure = randomStructure(17, 'triclinic', [true, true, false], true);
    const atoms = structure.numbers.length;
    const order = Array.from({ length: atoms }, (_, k) => (k * 5 + 2) % atoms).filter(
      (k, at, all) => all.indexOf(k) === at,
    );
    expect(order.length).toBe(atoms);
    const permuted = {
      ...structure,
      positions: Float64Array.from(order.flatMap((old) => [...structure.positions.subarray(3 * old, 3 * old + 3)])),
    };
    const text = (list: NeighborList, names: readonly number[]): string[] =>
      Array.from({ length: list.edges }, (_, e) =>
        [
          names[list.sender[e]!],
          names[list.receiver[e]!],
          ...list.shifts.subarray(3 * e, 3 * e + 3),
          ...list.vectors.subarray(3 * e, 3 * e + 3),
        ].join(' '),
      ).sort();
    expect(text(findNeighbors(permuted, 5), order)).toEqual(
      text(
        findNeighbors(structure, 5),
        order.map((_, k) => k),
      ),
    );
  });

  it('grows when atoms crowd in a large cell, and gives back exact lengths', () => {
    const random = seeded(3);
    const positions = Float64Array.from({ length: 3 * 250 }, () => 6 * random());
    const crowded = makeStructure({ numbers: new Int32Array(250).fill(1), positions, cell: [500, 500, 500] });
    const list = findNeighbors(crowded, 4);
    expect(list.edges).toBe(bruteForceNeighbors(crowded, 4).length);
    expect([list.sender.length, list.receiver.length, list.shifts.length, list.vectors.length]).toEqual([
      list.edges,
      list.edges,
      3 * list.edges,
      3 * list.edges,
    ]);
  });

  it('takes no atoms, one atom, and atoms out of reach', () => {
    expect(findNeighbors(makeStructure({ numbers: [], positions: [] }), 5).edges).toBe(0);
    expect(findNeighbors(makeStructure({ numbers: [], positions: [], cell: [3, 3, 3] }), 5).offsets).toEqual(
      Int32Array.of(0),
    );
    expect(findNeighbors(makeStructure({ numbers: [1], positions: [1e9, 0, 0] }), 5).edges).toBe(0);
    expect(findNeighbors(makeStructure({ numbers: [1, 1], positions: [0, 0, 0, 9, 0, 0] }), 5).offsets).toEqual(
      Int32Array.of(0, 0, 0),
    );
  });

  it('gives the vectors that edgeVectors recomputes, also after a move', () => {
    const structure = randomStructure(23, 'skewed', [true, true, true], true);
    const list = findNeighbors(structure, 4);
    expect(list.edges).toBeGreaterThan(0);
    expect([...edgeVectors(structure, list)].map((value) => value + 0)).toEqual(
      [...list.vectors].map((value) => value + 0),
    );
    const moved = { ...structure, positions: structure.positions.map((value) => value + 1) };
    edgeVectors(moved, list).forEach((value, k) => expect(value).toBeCloseTo(list.vectors[k]!, 10));
  });

  it('does not change its input', () => {
    const structure = randomStructure(31, 'triclinic', [true, false, true], true);
    const copy = structuredClone(structure);
    findNeighbors(structure, 4);
    expect(structure).toEqual(copy);
  });
});

describe('findNeighbors refuses', () => {
  it('coincident atoms, naming both and the image', () => {
    const same = makeStructure({
      symbols: ['H', 'C', 'O'],
      positions: [0, 0, 0, 1, 1, 1, 5, 0, 1e-7],
      cell: [5, 6, 7],
    });
    expect(() => findNeighbors(same, 3)).toThrow(StructureError);
    expect(() => findNeighbors(same, 3)).toThrow(
      /Atoms 0 \(H\) and 2 \(O\) coincide, image \[-1 0 0\] of the second. .*at least 1e-6 Å, found 1e-7/,
    );
    const twice = makeStructure({ symbols: ['H', 'C'], positions: [1, 2, 3, 1, 2, 3] });
    expect(() => findNeighbors(twice, 3)).toThrow(/Atoms 0 \(H\) and 1 \(C\) coincide, image \[0 0 0\] of the second/);
    const apart = makeStructure({ symbols: ['H', 'C'], positions: [1, 2, 3, 1, 2, 3.000002] });
    expect(findNeighbors(apart, 3).edges).toBe(2);
  });

  it('requests without measure, before allocating', () => {
    const tiny = makeStructure({ numbers: [1], positions: [0, 0, 0], cell: [1e-3, 1e-3, 1e-3] });
    expect(() => findNeighbors(tiny, 5)).toThrow(UnsupportedError);
    expect(() => findNeighbors(tiny, 5)).toThrow(/at most 100000 edges, found about 5.24e\+11.*unit/);
    const crowd = makeStructure({ numbers: [1, 1, 1], positions: [0, 0, 0, 1, 0, 0, 0, 1, 0], cell: [90, 90, 90] });
    expect(() => findNeighbors(crowd, 5, { maximumEdges: 5 })).toThrow(/at most 5 edges, found more than 6/);
    expect(findNeighbors(crowd, 5, { maximumEdges: 6 }).edges).toBe(6);
  });

  it('a cutoff that is none, and what validateStructure refuses', () => {
    const structure = makeStructure({ numbers: [1], positions: [0, 0, 0] });
    for (const cutoff of [0, -1, NaN, Infinity])
      expect(() => findNeighbors(structure, cutoff)).toThrow(/positive cutoff/);
    expect(() => findNeighbors({ ...structure, positions: Float64Array.of(NaN, 0, 0) }, 5)).toThrow(StructureError);
    expect(() => findNeighbors({ ...structure, cell: new Float64Array(9), pbc: [true, false, false] }, 5)).toThrow(
      /Zero cell/,
    );
    const far = makeStructure({ numbers: [1], positions: [1e12, 0, 0], cell: [1, 1, 1] });
    expect(() => findNeighbors(far, 1.2)).toThrow(/too far from its cell/);
  });
});

const fixtures = process.env['MACE_FIXTURES'];
const folder = fixtures === undefined ? undefined : join(fixtures, 'structures', 'vesin');

describe.skipIf(folder === undefined)('findNeighbors on the vesin structures (needs MACE_FIXTURES)', () => {
  const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.xyz'));
  it('finds the files', () => expect(files.length).toBeGreaterThanOrEqual(7));
  for (const file of files) {
    it(`equals its definition for ${file}`, () => {
      const structure = readFirstFrame(readFileSync(join(folder!, file), 'utf8'));
      for (const cutoff of [3, 5, 7]) {
        const edges = expectDefinition(structure, cutoff);
        expect(edges).toBeGreaterThan(0);
      }
      expectSymmetric(findNeighbors(structure, 5));
    });
  }
});
