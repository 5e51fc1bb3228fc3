import { describe, expect, it } from 'vitest';
import { StructureError } from '../errors.js';
import {
  cellFromParameters,
  cellHeights,
  cellInverse,
  cellParameters,
  completeCell,
  signedVolume,
  volumeOf,
  wrapPositions,
} from './cell.js';
import { makeStructure } from './make-structure.js';
import { randomStructure, seeded } from './testing/structures.js';

const cell = [5, 0.5, 0.1, -1, 4, 0.3, 2, -1, 6];
const rows = (values: ArrayLike<number>): number[][] =>
  [0, 3, 6].map((k) => [values[k]!, values[k + 1]!, values[k + 2]!]);

describe('cell', () => {
  it('has an inverse', () => {
    const inverse = rows(cellInverse(cell));
    rows(cell).forEach((row, k) => {
      [0, 1, 2].forEach((m) =>
        expect(row.reduce((sum, value, x) => sum + value * inverse[x]![m]!, 0)).toBeCloseTo(k === m ? 1 : 0, 14),
      );
    });
  });

  it('has a volume with a sign, and heights of volume over area', () => {
    const left = [...cell.slice(3, 6), ...cell.slice(0, 3), ...cell.slice(6)];
    expect(signedVolume(left)).toBeCloseTo(-signedVolume(cell), 12);
    expect(signedVolume(cell)).toBeGreaterThan(0);
    expect(volumeOf(left)).toBe(-signedVolume(left));
    const [, b, c] = rows(cell);
    const area = Math.hypot(
      b![1]! * c![2]! - b![2]! * c![1]!,
      b![2]! * c![0]! - b![0]! * c![2]!,
      b![0]! * c![1]! - b![1]! * c![0]!,
    );
    expect(cellHeights(cell)[0]).toBeCloseTo(volumeOf(cell) / area, 12);
    expect([...cellHeights([2, 0, 0, 5, 3, 0, 1, 1, 4])][2]).toBeCloseTo(4, 14);
  });

  it('goes to lengths and angles and back', () => {
    const parameters = { a: 4, b: 5, c: 6, alpha: 75, beta: 100, gamma: 115 };
    const made = cellFromParameters(parameters);
    expect([made[1], made[2], made[5]]).toEqual([0, 0, 0]);
    expect(signedVolume(made)).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(cellParameters(made)))
      expect(value).toBeCloseTo(parameters[name as keyof typeof parameters], 10);
    expect([...cellFromParameters({ a: 1, b: 2, c: 3, alpha: 90, beta: 90, gamma: 90 })]).toEqual([
      1, 0, 0, 0, 2, 0, 0, 0, 3,
    ]);
    // The hexagonal cell as printed everywhere.
    expect([...cellFromParameters({ a: 2, b: 2, c: 3, alpha: 90, beta: 90, gamma: 120 })][3]).toBeCloseTo(-1, 14);
  });

  it('is completed by perpendicular unit vectors', () => {
    expect([...completeCell(null, [false, false, false])]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const slab = rows(completeCell([3, 0, 0, 0, 0, 4, 0, 0, 4], [true, true, false]));
    expect(slab[2]!.map(Math.abs)).toEqual([0, 1, 0]);
    const rod = rows(completeCell(cell, [false, true, false]));
    const dot = (p: number, q: number): number => rod[p]!.reduce((sum, value, x) => sum + value * rod[q]![x]!, 0);
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(dot(p, q)).toBeCloseTo(0, 14);
    expect(rod[1]).toEqual(rows(cell)[1]);
    expect(dot(0, 0)).toBeCloseTo(1, 14);
  });

  it('wraps along periodic directions only, by whole lattice vectors', () => {
    for (let seed = 0; seed < 20; seed++) {
      const structure = randomStructure(seed, 'triclinic', [true, seed % 2 === 0, true], true);
      const wrapped = wrapPositions(structure);
      const complete = completeCell(structure.cell, structure.pbc);
      const inverse = cellInverse(complete);
      for (let at = 0; at < wrapped.length; at += 3) {
        for (let k = 0; k < 3; k++) {
          const fraction = (values: Float64Array): number =>
            values[at]! * inverse[k]! + values[at + 1]! * inverse[3 + k]! + values[at + 2]! * inverse[6 + k]!;
          const moved = fraction(structure.positions) - fraction(wrapped);
          expect(Math.abs(moved - Math.round(moved))).toBeLessThan(1e-9);
          if (structure.pbc[k]) expect(fraction(wrapped)).toBeGreaterThan(-1e-9);
          if (structure.pbc[k]) expect(fraction(wrapped)).toBeLessThan(1 + 1e-9);
          else expect(Math.round(moved) + 0).toBe(0);
        }
      }
    }
    const molecule = makeStructure({ numbers: [1], positions: [9, 9, 9] });
    expect([...wrapPositions(molecule)]).toEqual([9, 9, 9]);
  });

  it('refuses singular and impossible cells', () => {
    expect(() => cellInverse([1, 0, 0, 2, 0, 0, 0, 0, 1])).toThrow(StructureError);
    expect(() => cellInverse(new Float64Array(9))).toThrow(/three independent lattice vectors/);
    expect(() => signedVolume([1, 2, 3])).toThrow(/Expected 9 numbers.*found 3/);
    expect(() => cellFromParameters({ a: 1, b: 1, c: 1, alpha: 30, beta: 30, gamma: 90 })).toThrow(/Impossible/);
    expect(() =>
      wrapPositions({ ...makeStructure({ numbers: [1], positions: [0, 0, 0] }), pbc: [true, true, true] }),
    ).toThrow(/Expected a cell/);
    expect(seeded(1)()).toBe(seeded(1)());
  });
});
