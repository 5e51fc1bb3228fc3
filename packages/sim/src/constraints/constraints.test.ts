/** Atoms that stay, lines, planes and bonds: what is kept, what is left free, and what is refused. */
import { describe, expect, test } from 'vitest';
import { makeStructure } from '@mace/core/structure';
import { massesOf } from '../units.js';
import { holdBonds } from './bonds.js';
import { fixAtoms, fixLine, fixPlane } from './fix-atoms.js';
import { applyTogether } from './together.js';

const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0.1, 0.76, 0, 0.7, -0.76, 0, 0.7] });
const masses = massesOf(water.numbers);
const waves = (): Float64Array => Float64Array.from({ length: 9 }, (_, i) => 0.1 * Math.sin(5 * i + 1));
const next = (): Float64Array => water.positions.map((x, i) => x + waves()[i]!);

describe.each([
  ['fixAtoms', fixAtoms(water, [1, 1]), 3, () => [0, 0, 0]],
  [
    'fixLine',
    fixLine(water, [1], [0, 3, 4]),
    2,
    ([, y, z]: number[]) => [0, 0.6, 0.8].map((e) => e * (0.6 * y! + 0.8 * z!)),
  ],
  ['fixPlane', fixPlane(water, [1], [0, 0, -2]), 1, ([x, y]: number[]) => [x, y, 0]],
] as const)('%s', (_, constraint, removed, allowed) => {
  test('leaves what is allowed of steps, forces and momenta, and other atoms alone', () => {
    expect(constraint.removed).toBe(removed);
    const wanted = waves();
    wanted.set(allowed([...wanted.subarray(3, 6)]) as number[], 3);
    const forces = waves();
    constraint.adjustForces(water.positions, forces);
    const momenta = waves();
    constraint.adjustMomenta(water.positions, momenta, masses);
    const moved = next();
    constraint.adjustPositions(water.positions, moved, masses);
    wanted.forEach((x, i) => {
      expect(forces[i]).toBeCloseTo(x, 14);
      expect(momenta[i]).toBeCloseTo(x, 14);
      expect(moved[i]! - water.positions[i]!).toBeCloseTo(x, 14);
    });
  });
});

describe('holdBonds', () => {
  const rigid = holdBonds(water, [
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  const distance = (x: ArrayLike<number>, a: number, b: number): number =>
    Math.hypot(x[3 * a]! - x[3 * b]!, x[3 * a + 1]! - x[3 * b + 1]!, x[3 * a + 2]! - x[3 * b + 2]!);

  test('keeps distances and the centre of mass, and takes what changes them from momenta', () => {
    expect(rigid.removed).toBe(3);
    const moved = next();
    rigid.adjustPositions(water.positions, moved, masses);
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(distance(moved, a, b)).toBeCloseTo(distance(water.positions, a, b), 11);
    const [before, momenta] = [waves(), waves()];
    rigid.adjustMomenta(water.positions, momenta, masses);
    for (const k of [0, 1, 2]) {
      const centre = (x: Float64Array): number => x[k]! * masses[0]! + x[3 + k]! * masses[1]! + x[6 + k]! * masses[2]!;
      expect(centre(moved)).toBeCloseTo(centre(next()), 11);
      expect(momenta[k]! + momenta[3 + k]! + momenta[6 + k]!).toBeCloseTo(
        before[k]! + before[3 + k]! + before[6 + k]!,
        13,
      );
    }
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const apart = [0, 1, 2].map((k) => momenta[3 * a + k]! / masses[a]! - momenta[3 * b + k]! / masses[b]!);
      const along = apart.reduce(
        (sum, v, k) => sum + v * (water.positions[3 * a + k]! - water.positions[3 * b + k]!),
        0,
      );
      expect(Math.abs(along)).toBeLessThan(1e-12);
    }
    expect(distance(momenta, 0, 1)).toBeGreaterThan(1e-3);
  });

  test('of nearest images, also of a skewed cell that changes; and of lengths that are given', () => {
    const cell = [3, 0, 0, 1.45, 3, 0, 0, 0, 3];
    const pair = makeStructure({ symbols: ['O', 'H'], positions: [0.1, 0.1, 1, 4.4, 2.9, 1], cell });
    const bond = holdBonds(pair, [[0, 1]]);
    const moved = pair.positions.map((x, i) => x + 0.05 * i);
    bond.adjustPositions(pair.positions, moved, massesOf(pair.numbers));
    const image = [moved[3]! - 4.45, moved[4]! - 3, moved[5]!];
    expect(distance([...moved.subarray(0, 3), ...image], 0, 1)).toBeCloseTo(Math.hypot(0.15, 0.2), 12);
    const wider = Float64Array.from(cell, (x) => 1.1 * x);
    bond.adjustPositions(
      pair.positions.map((x) => 1.1 * x),
      moved,
      massesOf(pair.numbers),
      wider,
    );
    const other = [moved[3]! - 1.1 * 4.45, moved[4]! - 3.3, moved[5]!];
    expect(distance([...moved.subarray(0, 3), ...other], 0, 1)).toBeCloseTo(Math.hypot(0.15, 0.2), 12);
    const longer = water.positions.slice();
    holdBonds(water, [[0, 1]], { lengths: [1.1] }).adjustPositions(water.positions, longer, masses);
    expect(distance(longer, 0, 1)).toBeCloseTo(1.1, 12);
  });

  test('what cannot be kept is an error', () => {
    const wild = water.positions.map((x, i) => (i === 3 ? 40 : x));
    expect(() => rigid.adjustPositions(water.positions, wild, masses)).toThrow(
      /turns by nearly a right angle|do not settle/,
    );
  });
});

test.each([
  [() => fixAtoms(water, [3]), /fixAtoms is 3; expected numbers of atoms from 0 to 2/],
  [() => fixLine(water, [0.5], [1, 0, 0]), /fixLine is 0.5; expected numbers/],
  [() => fixPlane(water, [0], [0, 0, 0]), /fixPlane is along \[0, 0, 0\]; expected three numbers/],
  [() => holdBonds(water, [[0, 0]]), /bond 0 is 0–0; expected two different atoms from 0 to 2/],
  [() => holdBonds(water, [[0, 1]], { lengths: [] }), /lengths is 0; expected a length for each of 1 bonds/],
  [() => holdBonds(water, [[0, 1]], { lengths: [-1] }), /length of bond 0 is -1; expected a number above 0/],
])('%o is refused', (make, message) => {
  expect(make).toThrow(message);
});

describe('several constraints of the same atoms', () => {
  const both = [holdBonds(water, [[0, 1]]), fixAtoms(water, [0])];

  test('hold together: positions and momenta', () => {
    const moved = next();
    applyTogether(both, moved, (one) => one.adjustPositions(water.positions, moved, masses));
    expect([...moved.subarray(0, 3)]).toEqual([...water.positions.subarray(0, 3)]);
    expect(Math.hypot(moved[3]!, moved[4]!, moved[5]! - 0.1)).toBeCloseTo(Math.hypot(0.76, 0.6), 11);
    const momenta = waves();
    applyTogether(both, momenta, (one) => one.adjustMomenta(water.positions, momenta, masses));
    expect([...momenta.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(0.76 * momenta[3]! + 0.6 * momenta[5]!).toBeCloseTo(0, 11);
  });

  test('that contradict each other are an error', () => {
    const contradicting = [fixAtoms(water, [0, 1]), holdBonds(water, [[0, 1]], { lengths: [1.2] })];
    const moved = next();
    const apply = (): void =>
      applyTogether(contradicting, moved, (one) => one.adjustPositions(water.positions, moved, masses));
    expect(apply).toThrow(/2 constraints do not agree after 1000 rounds/);
  });
});
