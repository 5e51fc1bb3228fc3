import { describe, expect, it } from 'vitest';
import { ShapeError, StructureError, UnsupportedError } from '../errors.js';
import { indexMapValues } from '../backend/index-maps.js';
import { buildEdges } from './edges.js';
import { makeStructure } from './make-structure.js';
import { findNeighbors } from './neighbors.js';
import { atomOrder, inversePermutation, permuteRows, permuteStructure, restoreRows } from './order.js';
import { randomStructure, seeded, shapes } from './testing/structures.js';

const molecule = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0] });
const empty = makeStructure({ numbers: [], positions: [] });
const lone = makeStructure({ symbols: ['He'], positions: [3, 3, 3] });
const random = (seed: number) =>
  randomStructure(seed, shapes[seed % 6]!, [seed % 2 === 0, seed % 3 === 0, seed % 5 !== 0], seed % 4 === 0);

describe('buildEdges', () => {
  it('gives a structure the same edges alone and in any batch', () => {
    const structures = [random(1), empty, random(2), lone, molecule, random(3), random(6), empty];
    const batch = buildEdges(structures, 3);
    expect(batch.graphs).toBe(structures.length);
    expect(batch.atoms).toBe(structures.reduce((sum, { numbers }) => sum + numbers.length, 0));
    structures.forEach((structure, g) => {
      const list = findNeighbors(structure, 3);
      const [begin, end] = [batch.edgeOffsets[g]!, batch.edgeOffsets[g + 1]!];
      const atom = batch.graph.offsets[g]!;
      expect(end - begin).toBe(list.edges);
      expect(batch.vectors.slice(3 * begin, 3 * end)).toEqual(list.vectors.slice());
      expect(batch.shifts.slice(3 * begin, 3 * end)).toEqual(list.shifts.slice());
      expect(batch.sender.values.slice(begin, end).map((i) => i - atom)).toEqual(list.sender.slice());
      expect(batch.receiver.values.slice(begin, end).map((i) => i - atom)).toEqual(list.receiver.slice());
    });
    expect(batch.edges).toBeGreaterThan(100);
  });

  it('gives index maps that a counting sort would give', () => {
    for (const structures of [[], [empty], [random(4)], [random(6), lone, empty, random(9)]]) {
      const batch = buildEdges(structures, 4);
      expect(batch.receiver).toEqual(indexMapValues(batch.receiver.values, batch.atoms));
      expect(batch.sender).toEqual(indexMapValues(batch.sender.values, batch.atoms));
      expect(batch.graph).toEqual(indexMapValues(batch.graph.values, batch.graphs));
      expect(batch.receiver.order).toEqual(Int32Array.from({ length: batch.edges }, (_, e) => e));
    }
  });

  it('takes batches without atoms or without edges', () => {
    expect(buildEdges([], 5)).toMatchObject({ atoms: 0, graphs: 0, edges: 0 });
    expect(buildEdges([lone, empty], 5)).toMatchObject({ atoms: 1, graphs: 2, edges: 0 });
  });

  it('says which structure it refuses', () => {
    const bad = { ...molecule, positions: new Float64Array(9) };
    expect(() => buildEdges([lone, bad], 5)).toThrow(StructureError);
    expect(() => buildEdges([lone, bad], 5)).toThrow(
      /^Structure 1 of the batch: Atoms 0 \(O\) and 1 \(H\)|^Structure 1 of the batch: Atoms/,
    );
    expect(() => buildEdges([molecule, molecule], 5, { maximumEdges: 10 })).toThrow(UnsupportedError);
    expect(() => buildEdges([molecule, molecule], 5, { maximumEdges: 10 })).toThrow(
      /structure 1 of 2. Expected at most 10, found 12/,
    );
  });
});

describe('indexMapValues', () => {
  it('groups rows stably', () => {
    const map = indexMapValues(Int32Array.of(2, 0, 2, 3, 0), 5);
    expect(map.offsets).toEqual(Int32Array.of(0, 2, 2, 4, 5, 5));
    expect(map.order).toEqual(Int32Array.of(1, 4, 0, 2, 3));
    expect(indexMapValues(new Int32Array(0), 0).offsets).toEqual(Int32Array.of(0));
  });

  it('refuses values outside', () => {
    expect(() => indexMapValues(Int32Array.of(0, 3), 3)).toThrow(ShapeError);
    expect(() => indexMapValues(Int32Array.of(-1), 3)).toThrow(/row 0. Expected 0 to 2, found -1/);
  });
});

describe('atomOrder', () => {
  const crowd = (seed: number, atoms: number, side: number) => {
    const next = seeded(seed);
    const positions = Float64Array.from({ length: 3 * atoms }, () => side * next());
    return makeStructure({
      numbers: Int32Array.from({ length: atoms }, () => 1 + Math.floor(8 * next())),
      positions,
      cell: [side, side, side],
    });
  };

  it('is a permutation, of any structure', () => {
    for (let seed = 0; seed < 24; seed++) {
      const structure = random(seed);
      const order = atomOrder(structure);
      expect([...order].sort((p, q) => p - q)).toEqual(Array.from(structure.numbers, (_, k) => k));
    }
    expect(atomOrder(empty).length).toBe(0);
  });

  it('brings neighbors together', () => {
    const structure = crowd(1, 4000, 34);
    const spread = (of: typeof structure): number => {
      const { sender, receiver, edges } = findNeighbors(of, 3);
      return sender.reduce((sum, i, e) => sum + Math.abs(i - receiver[e]!), 0) / edges;
    };
    expect(spread(permuteStructure(structure, atomOrder(structure)))).toBeLessThan(0.4 * spread(structure));
  });

  it('sorts by element within a spatial cell, and covers long structures', () => {
    const structure = crowd(2, 60, 3.9);
    const numbers = permuteStructure(structure, atomOrder(structure)).numbers;
    expect([...numbers]).toEqual([...structure.numbers].sort((p, q) => p - q));
    const chain = makeStructure({
      numbers: new Int32Array(500).fill(1),
      positions: Float64Array.from({ length: 1500 }, (_, k) => (k % 3 === 0 ? (((k / 3) * 77) % 500) * 5 : 0)),
    });
    const x = permuteStructure(chain, atomOrder(chain)).positions.filter((_, k) => k % 3 === 0);
    expect(x).toEqual(x.slice().sort());
  });

  it('is undone on outputs', () => {
    const structure = {
      ...crowd(3, 50, 9),
      arrays: { tag: { columns: 1, kind: 'text' as const, values: Array.from({ length: 50 }, (_, k) => `t${k}`) } },
    };
    const order = atomOrder(structure, 3);
    const permuted = permuteStructure(structure, order);
    expect(permuted.positions).not.toEqual(structure.positions);
    expect(restoreRows(permuted.positions, order)).toEqual(structure.positions);
    expect(permuteRows(inversePermutation(order), order)).toEqual(Int32Array.from(order, (_, k) => k));
    expect(permuted.arrays['tag']!.values).toEqual(Array.from(order, (old) => `t${old}`));
  });

  it('refuses what is no permutation', () => {
    expect(() => inversePermutation(Int32Array.of(0, 0))).toThrow(ShapeError);
    expect(() => inversePermutation(Int32Array.of(0, 2))).toThrow(/found 2 at 1/);
    expect(() => permuteRows(new Float64Array(5), Int32Array.of(1, 0))).toThrow(/multiple of 2, found 5/);
  });
});
