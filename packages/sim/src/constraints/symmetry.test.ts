/** The symmetry of crystals, found, made and kept. */
import { describe, expect, test } from 'vitest';
import { makeStructure, type Structure } from '@mace/core/structure';
import { keepSymmetry, symmetrize } from './symmetry.js';

/** Quartz, P3₁21, whose operations are not symmetric matrices: x of silicon, and oxygen in a general place. */
function quartz(noise = 0): Structure {
  const [a, c, u, x, y, z] = [4.91, 5.4, 0.47, 0.41, 0.27, 0.12];
  const cell = [a, 0, 0, -a / 2, (a * Math.sqrt(3)) / 2, 0, 0, 0, c];
  const third = 1 / 3;
  const places = [
    [u, 0, third],
    [0, u, 2 * third],
    [-u, -u, 0],
    [x, y, z],
    [-y, x - y, z + third],
    [y - x, -x, z + 2 * third],
    [y, x, -z],
    [x - y, -y, -z + 2 * third],
    [-x, y - x, -z + third],
  ];
  const positions = places.flatMap(([p, q, r]) =>
    [0, 1, 2].map((k) => p! * cell[k]! + q! * cell[3 + k]! + r! * cell[6 + k]!),
  );
  return makeStructure({
    symbols: ['Si', 'Si', 'Si', 'O', 'O', 'O', 'O', 'O', 'O'],
    positions: positions.map((value, i) => value + noise * Math.sin(9 * i)),
    cell: cell.map((value, i) => value + noise * Math.cos(7 * i)),
  });
}

const largest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

describe('symmetrize', () => {
  test('finds the group, and leaves what is symmetric', async () => {
    const start = quartz();
    const { structure, spaceGroup } = await symmetrize(start);
    expect([spaceGroup.number, spaceGroup.operations.length]).toEqual([152, 6]);
    expect(largest(structure.positions, start.positions)).toBeLessThan(1e-12);
    expect(largest(structure.cell!, start.cell!)).toBeLessThan(1e-12);
  });

  test('takes noise away: twice is as good as once, and no farther than the noise', async () => {
    const noisy = quartz(0.004);
    const { structure, spaceGroup } = await symmetrize(noisy, 0.05);
    expect(spaceGroup.number).toBe(152);
    expect(largest(structure.positions, noisy.positions)).toBeGreaterThan(1e-3);
    expect(largest(structure.positions, noisy.positions)).toBeLessThan(0.02);
    const again = await symmetrize(structure, 1e-6);
    expect(again.spaceGroup.number).toBe(152);
    expect(largest(again.structure.positions, structure.positions)).toBeLessThan(1e-12);
    const [a, b] = [structure.cell!.subarray(0, 3), structure.cell!.subarray(3, 6)];
    expect(Math.hypot(...a)).toBeCloseTo(Math.hypot(...b), 12);
    await expect(keepSymmetry(noisy, 0.05)).rejects.toThrow(/the crystal is P 3_1 2 1 \(152\) only to 0\.00\d+ Å/);
  });
});

describe('keepSymmetry', () => {
  test('forces, steps, stresses and strains are averaged: what is left is symmetric', async () => {
    const start = quartz();
    const { removed, ...keep } = await keepSymmetry(start);
    // Four numbers say where atoms are: u, x, y, z.
    expect(removed).toBe(27 - 4);
    const next = start.positions.map((x, i) => x + 0.1 * Math.sin(5 * i));
    const cell = start.cell!.map((x, i) => x + 0.1 * Math.cos(3 * i));
    keep.adjustCell!(start.cell!, cell);
    const scaled = start.positions;
    keep.adjustPositions(scaled, next, new Float64Array(9));
    expect(largest(next, scaled)).toBeGreaterThan(0.01);
    const moved = await symmetrize({ ...start, positions: next }, 1e-6);
    expect([moved.spaceGroup.number, moved.spaceGroup.operations.length]).toEqual([152, 6]);
    const [a, b, c] = [0, 3, 6].map((k) => Math.hypot(...cell.subarray(k, k + 3))) as [number, number, number];
    expect(a).toBeCloseTo(b, 12);
    expect(Math.abs(c - 5.4)).toBeGreaterThan(0.01);
    const stress = Float64Array.from({ length: 9 }, (_, i) => [1, 0.2, 0.3, 0.2, 3, 0.4, 0.3, 0.4, 5][i]!);
    keep.adjustStress!(start.cell!, stress);
    [2, 0, 0, 0, 2, 0, 0, 0, 5].forEach((x, i) => expect(stress[i]).toBeCloseTo(x, 12));
  });

  test('what has no symmetry, or no cell, is refused', async () => {
    await expect(keepSymmetry({ ...quartz(), pbc: [true, true, false] })).rejects.toThrow(/not periodic in three/);
    await expect(keepSymmetry(quartz(), 0)).rejects.toThrow(/tolerance is 0; expected/);
    const far = quartz().cell!.slice();
    far[8] = 9;
    const { adjustCell } = await keepSymmetry(quartz());
    expect(() => adjustCell!(quartz().cell!, far)).toThrow(/change by 0.67 in one step/);
    const twice = makeStructure({ symbols: ['H', 'H'], positions: [0, 0, 0, 0, 0, 0], cell: [3, 3, 3] });
    await expect(symmetrize(twice)).rejects.toThrow(/moyo finds none with the tolerance/);
  });
});
