/** Coordinates of cells: forces are derivatives, what is held stays, and what cannot be relaxed is refused before anything is computed. */
import { describe, expect, test } from 'vitest';
import { cellInverse, makeStructure, volumeOf, type Structure } from '@mace/core/structure';
import type { Constraint } from '../constraints/constraint.js';
import { fixAtoms } from '../constraints/fix-atoms.js';
import { multiply } from '../matrices.js';
import { gigapascal } from '../units.js';
import { CellFilter } from './cell-filter.js';
import { checkedOptions, type CellOptions, type RelaxationOptions } from './options.js';
import { startRelaxation, type Computed } from './relaxation.js';

const start = makeStructure({
  symbols: ['O', 'H', 'C'],
  positions: [0.1, -0.2, 0.3, 1.25, 0.5, -0.75, 1, 2, -0.125],
  cell: [3.2, 0.1, -0.2, 0.4, 2.9, 0.3, -0.1, 0.2, 3.5],
});

/** Atoms tied to each other, and lattice vectors to lengths of their own: eV. */
function energyOf({ positions: x, cell }: Structure): number {
  let energy = 0;
  for (let i = 0; i + 3 < x.length; i += 3)
    energy += 2 * (Math.hypot(x[i]! - x[i + 3]!, x[i + 1]! - x[i + 4]!, x[i + 2]! - x[i + 5]!) - 1.3) ** 2;
  for (const k of [0, 3, 6]) energy += 3 * (Math.hypot(...cell!.subarray(k, k + 3)) - 3 - 0.1 * k) ** 2;
  return energy + 0.01 * (volumeOf(cell!) - 30) ** 2;
}

/** (f(+h) − f(−h))/2h */
const slope = (f: (h: number) => number, h = 1e-5): number => (f(h) - f(-h)) / (2 * h);
const nudged = (values: Float64Array, i: number, h: number): Float64Array =>
  values.map((x, j) => (j === i ? x + h : x));

function computed(structure: Structure): Required<Computed> {
  const { positions, cell } = structure;
  const strained = (i: number, h: number): number => {
    // Symmetric strains.
    const strain = Float64Array.from({ length: 9 }, (_, k) => (k % 4 === 0 ? 1 : 0));
    strain[i]! += h / 2;
    strain[3 * (i % 3) + Math.floor(i / 3)]! += h / 2;
    return energyOf({ ...structure, positions: multiply(positions, strain), cell: multiply(cell!, strain) });
  };
  return {
    energy: energyOf(structure),
    forces: positions.map((_, i) => -slope((h) => energyOf({ ...structure, positions: nudged(positions, i, h) }))),
    stress: cell!.map((_, i) => slope((h) => strained(i, h)) / volumeOf(cell!)),
  };
}

const settings = (cell: CellOptions, pressure = 0): CellFilter =>
  new CellFilter(start, checkedOptions({ cell, pressure }).cell!);

describe.each(['frechet', 'unit-cell'] as const)('%s', (filter) => {
  const relaxed = settings({ filter }, 3);
  // Far from the beginning, and turned.
  const far = (): Float64Array => {
    const coordinates = relaxed.coordinates(start);
    [0.2, 0.1, -0.05, -0.2, -0.15, 0.08, 0.15, 0.03, 0.3].forEach((x, i) => (coordinates[9 + i]! += 3 * x));
    return coordinates;
  };
  const at = (coordinates: Float64Array): Structure => ({ ...start, ...relaxed.place(coordinates) });

  test('coordinates and places turn each other around', () => {
    relaxed.coordinates(at(far())).forEach((x, i) => expect(x).toBeCloseTo(far()[i]!, 11));
    [...relaxed.place(relaxed.coordinates(start)).cell].forEach((x, i) => expect(x).toBeCloseTo(start.cell![i]!, 13));
  });

  test('forces are the derivatives of the enthalpy', () => {
    const { forces, stress } = computed(at(far()));
    const found = relaxed.forces(at(far()), forces, stress).forces;
    found.forEach((force, i) => {
      const enthalpy = (h: number): number => {
        const there = at(nudged(far(), i, h));
        return relaxed.energy(there, energyOf(there));
      };
      expect(force).toBeCloseTo(-slope(enthalpy), 6);
    });
    expect(relaxed.energy(start, 1)).toBeCloseTo(1 + 3 * gigapascal * volumeOf(start.cell!), 12);
  });
});

describe('relaxation of a cell', () => {
  const relaxed = async (options: RelaxationOptions): Promise<{ end: Structure; last: number; steps: number }> => {
    const relaxation = await startRelaxation(start, { fmax: 1e-5, ...options });
    while (relaxation.step(computed(relaxation.structure)));
    expect(relaxation.end).toBe('converged');
    return { end: relaxation.structure, last: relaxation.last!.energy, steps: relaxation.steps };
  };
  const strain = ({ cell }: Structure): Float64Array => {
    const filter = settings({ filter: 'unit-cell' });
    return filter
      .coordinates({ ...start, cell })
      .slice(9)
      .map((x, i) => x / 3 - (i % 4 === 0 ? 1 : 0));
  };

  test('all of it, by stress, and against a pressure', async () => {
    const { end } = await relaxed({ cell: true });
    const { forces, stress } = computed(end);
    for (const x of [...forces, ...stress]) expect(Math.abs(x)).toBeLessThan(1e-5);
    const pressed = await relaxed({ cell: { filter: 'unit-cell' }, pressure: 20, smax: 1e-3 });
    const under = computed(pressed.end).stress;
    [0, 4, 8].forEach((i) => expect(under[i]).toBeCloseTo(-20 * gigapascal, 5));
    expect(volumeOf(pressed.end.cell!)).toBeLessThan(volumeOf(end.cell!));
  });

  test('smax asks for small stresses, fmax then of atoms only', async () => {
    const [loose, tight] = [
      await relaxed({ cell: true, fmax: 0.1, smax: 5 }),
      await relaxed({ cell: true, fmax: 0.1, smax: 0.001 }),
    ];
    expect(tight.steps).toBeGreaterThan(loose.steps);
    expect(Math.max(...computed(tight.end).stress.map(Math.abs))).toBeLessThan(0.001 * gigapascal);
    expect(Math.max(...computed(loose.end).stress.map(Math.abs))).toBeGreaterThan(0.001 * gigapascal);
  });

  test('atoms that are fixed go with the cell; constraints see each cell before it is taken', async () => {
    const { end } = await relaxed({ cell: true, constraints: (one) => [fixAtoms(one, [0, 2])] });
    const fractions = ({ positions, cell }: Structure): Float64Array => multiply(positions, cellInverse(cell!));
    const [before, after] = [fractions(start), fractions(end)];
    for (const i of [0, 1, 2, 6, 7, 8]) expect(after[i]).toBeCloseTo(before[i]!, 10);
    expect(Math.abs(after[3]! - before[3]!)).toBeGreaterThan(1e-3);
    const keepFirst = (one: Structure): Constraint => ({
      ...fixAtoms(one, []),
      adjustCell: (cell, next) => next.set(cell.subarray(0, 3)),
    });
    const held = await startRelaxation(start, { cell: true, constraints: (one) => [keepFirst(one)] });
    for (let i = 0; i < 5; i++) held.step(computed(held.structure));
    expect([...held.structure.cell!.subarray(0, 3)]).toEqual([...start.cell!.subarray(0, 3)]);
    expect(held.structure.cell![8]).not.toBe(3.5);
  });

  test('of part of it: growth, volume, lengths, a mask', async () => {
    const growth = strain((await relaxed({ cell: { hydrostatic: true } })).end);
    growth.forEach((x, i) => expect(x).toBeCloseTo(i % 4 === 0 ? growth[0]! : 0, 12));
    expect(Math.abs(growth[0]!)).toBeGreaterThan(5e-4);
    const { end } = await relaxed({ cell: { constantVolume: true } });
    expect(volumeOf(end.cell!)).toBeCloseTo(volumeOf(start.cell!), 10);
    expect(Math.abs(strain(end)[1]!)).toBeGreaterThan(1e-3);
    const lengths = strain((await relaxed({ cell: { lengthsOnly: true } })).end);
    for (const [i, x] of lengths.entries()) expect(Math.abs(x) > 1e-3).toBe(i % 4 === 0);
    const masked = strain((await relaxed({ cell: { mask: [true, 0, 0, 0, 1, 0] } })).end);
    for (const [i, x] of masked.entries()) expect(Math.abs(x) > 1e-4).toBe([0, 2, 6].includes(i));
  });
});

test.each([
  [{ cell: 1 }, /cell is 1; expected true, false, or an object/],
  [{ cell: { hydrostatik: true } }, /cell is hydrostatik; expected options of filter, hydrostatic/],
  [{ cell: { filter: 'exp' } }, /cell.filter is exp; expected frechet or unit-cell/],
  [{ cell: { hydrostatic: 'yes' } }, /cell.hydrostatic is yes; expected true or false/],
  [{ cell: { mask: [1, 1, 1] } }, /cell.mask is \[1,1,1\]; expected six/],
  [{ cell: { mask: [1, 1, 1, 0, 0, 0.5] } }, /cell.mask is .*; expected six/],
  [{ cell: { hydrostatic: true, mask: [1, 1, 1, 0, 0, 0] } }, /cell is hydrostatic with mask; expected one/],
  [{ cell: { hydrostatic: true, constantVolume: true } }, /leave nothing to relax/],
  [{ pressure: 1 }, /pressure is 1; expected none where the cell is not relaxed/],
  [{ cell: true, pressure: NaN }, /pressure is NaN; expected a number, in GPa/],
  [{ smax: 1 }, /smax is 1; expected none where/],
  [{ cell: true, smax: 0 }, /smax is 0; expected a number above 0, in GPa/],
])('%j is refused', async (options, message) => {
  await expect(startRelaxation(start, options as RelaxationOptions)).rejects.toThrow(message);
});

test('what has no cell, an unknown stress, or a cell that collapses, is refused', async () => {
  const slab = { ...start, pbc: [true, true, false] as const };
  await expect(startRelaxation(slab, { cell: true }, 7)).rejects.toThrow(
    /Structure 7: its cell cannot be relaxed, since it is periodic in 2 directions/,
  );
  await expect(startRelaxation({ ...start, cell: null }, { cell: true })).rejects.toThrow(/periodic in 0 directions/);
  const relaxation = await startRelaxation(start, { cell: true });
  expect(() => relaxation.step({ energy: 0, forces: new Float64Array(9) })).toThrow(
    /name stress in properties of bind/,
  );
  const flat = settings({})
    .coordinates(start)
    .map((x, i) => (i === 9 ? x - 30 : x));
  expect(() => settings({}).place(flat)).toThrow(/its volume would be 0.0000454 times that at the beginning/);
});
