// What cannot be shown is refused in a sentence; colours have an order.
import { expect, it } from 'vitest';
import { mapColor, rangeOf } from './color-map.js';
import { elementColor } from './element-colors.js';
import { actionOf } from './keys.js';
import { checkShown, type Shown } from './shown.js';

const water: Shown = { numbers: [8, 1, 1], positions: [0, 0, 0, 1, 0, 0, 0, 1, 0] };

it.each<[string, Partial<Shown>, RegExp]>([
  ['an element of no table', { numbers: [8, 1, 119] }, /Atom 2 cannot be shown.*119/],
  ['places of another number', { positions: [0, 0, 0] }, /positions.*Expected 9 values, found 3/],
  ['a place that is not finite', { positions: [0, 0, 0, 1, 0, Number.NaN, 0, 1, 0] }, /NaN as value 5 \(atom 1\)/],
  ['forces of another number', { forces: [1, 2, 3] }, /forces.*Expected 9 values, found 3/],
  ['colours of another number', { colors: [1] }, /colors.*Expected 3 values/],
  ['a cell of six numbers', { cell: [1, 1, 1, 90, 90, 90] }, /cell.*Expected 9 values/],
  ['a selected atom that is not there', { selected: [3] }, /selected names atom 3/],
  ['a fixed atom that is not there', { fixed: [-1] }, /fixed names atom -1/],
])('%s is refused', (_, change, message) => {
  expect(() => checkShown(water)).not.toThrow();
  expect(() => checkShown({ ...water, ...change })).toThrow(message);
});

it('values have the colours of viridis, in order', () => {
  expect([mapColor(0), mapColor(1), mapColor(-3), mapColor(7)]).toEqual([0x440154, 0xfde725, 0x440154, 0xfde725]);
  const green = (place: number): number => (mapColor(place) >> 8) & 255;
  const places = Array.from({ length: 50 }, (_, i) => i / 49);
  expect(places.map(green)).toEqual([...places.map(green)].sort((one, other) => one - other));
  expect(rangeOf([2, Number.NaN, -1, Infinity])).toEqual([-1, 2]);
  expect(rangeOf([Number.NaN])).toBeUndefined();
});

it('elements have the colours of Jmol', () => {
  const colors = [1, 6, 7, 8, 16, 26, 79, 109, 118].map((number) => elementColor(number).toString(16));
  expect(colors).toEqual(['ffffff', '909090', '3050f8', 'ff0d0d', 'ffff30', 'e06633', 'ffd123', 'eb0026', 'eb0026']);
});

it('keys turn, move, zoom and go from atom to atom', () => {
  const done: unknown[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]): void =>
      void done.push([name, ...values]);
  const targets = { turn: note('turn'), pan: note('pan'), zoom: note('zoom'), pickNext: note('pick') };
  for (const [key, shift] of [
    ['ArrowLeft', false],
    ['ArrowUp', true],
    ['+', true],
    ['-', false],
    ['PageDown', true],
  ] as const)
    actionOf(key, shift, targets)!();
  expect(done).toEqual([
    ['turn', -1, 0],
    ['pan', 0, 1],
    ['zoom', 1.2],
    ['zoom', 1 / 1.2],
    ['pick', 1, true],
  ]);
  expect(actionOf('a', false, targets)).toBeUndefined();
});
