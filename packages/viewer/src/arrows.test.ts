// Arrows of forces: the longest is 2 Å, all of a frame and of the next have one scale, and each ends where its force says.
import { expect, it } from 'vitest';
import { arrowScale, eachArrow } from './arrows.js';

const forces = [3, 0, 4, 0, 0, 0, 0, 0.5, 0, Number.NaN, 0, 0];
const x = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4];

it('the longest is 2 Å; without forces there is no scale', () => {
  expect(arrowScale(forces)).toBeCloseTo(0.4, 12);
  expect(arrowScale([0, 0, 0])).toBeUndefined();
  expect(arrowScale([])).toBeUndefined();
});

it('shaft and head go from the atom to its force; none for what is too small or not a number', () => {
  const parts: { from: number[]; to: number[]; radii: [number, number] }[] = [];
  eachArrow(x, forces, 0.4, (from, one, to, other) =>
    parts.push({ from: [...from], to: [...to], radii: [one, other] }),
  );
  expect(parts).toHaveLength(4);
  const [shaft, head] = parts;
  expect(shaft!.from).toEqual([1, 1, 1]);
  head!.from.forEach((value, axis) => expect(value).toBeCloseTo(1 + 0.4 * forces[axis]!, 12));
  expect(head!.to).toEqual(shaft!.to);
  expect(head!.radii[0]).toBe(0);
  expect(head!.radii[1]).toBeGreaterThan(shaft!.radii[0]);
  expect(parts[2]!.from).toEqual([3, 3, 3]);
});
