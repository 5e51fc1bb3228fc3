// Arrows of forces: the longest is 1.6 Å, all of a frame and of the next have one scale, and each is as long as its force says.
import { expect, it } from 'vitest';
import { arrowScale, eachArrow } from './arrows.js';

const forces = [3, 0, 4, 0, 0, 0, 0, 0.5, 0, Number.NaN, 0, 0];
const x = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4];
const radii = [0.5, 0.5, 0, 0.5];

it('the longest is 1.6 Å; without forces there is no scale', () => {
  expect(arrowScale(forces)).toBeCloseTo(0.32, 12);
  expect(arrowScale([0, 0, 0])).toBeUndefined();
  expect(arrowScale([])).toBeUndefined();
});

it('shaft and head go from the surface of the atom as far as its force; none for what is too small or not a number', () => {
  const parts: { from: number[]; to: number[]; radii: [number, number] }[] = [];
  eachArrow(x, radii, forces, 0.4, (from, one, to, other) =>
    parts.push({ from: [...from], to: [...to], radii: [one, other] }),
  );
  expect(parts).toHaveLength(4);
  const [shaft, head] = parts;
  // A direction of (0.6, 0, 0.8).
  [1.3, 1, 1.4].forEach((value, axis) => expect(shaft!.from[axis]).toBeCloseTo(value, 12));
  head!.from.forEach((value, axis) => expect(value).toBeCloseTo([1.3, 1, 1.4][axis]! + 0.4 * forces[axis]!, 12));
  expect(head!.to).toEqual(shaft!.to);
  expect(head!.radii[0]).toBe(0);
  expect(head!.radii[1]).toBeGreaterThan(shaft!.radii[0]);
  expect(parts[2]!.from).toEqual([3, 3, 3]);
});
