/** Fits beside those of ASE 3.29 (`ase.eos.EquationOfState`, SciPy's curve_fit), on points that no equation describes. */
import { describe, expect, test } from 'vitest';
import { equationsOfState, type EquationName } from './equations.js';
import { fitEquationOfState } from './fit.js';

const volumes = [37.293, 38.095, 38.897, 39.699, 40.501, 41.303, 42.105, 42.907, 43.709];
const energies = [
  -36.256451981744625, -36.27537396108799, -36.28881496884817, -36.29685736920036, -36.299774718098405,
  -36.29872313407092, -36.29430081439204, -36.28624389295754, -36.274959298228374,
];

/** V₀ in Å³, E₀ in eV, B₀ in eV/Å³, B₀′ where ASE has it. */
const ase: Readonly<Record<EquationName, readonly [number, number, number, number?]>> = {
  sj: [40.704374430738824, -36.300033179752695, 0.25843474085042156],
  taylor: [40.70056612251576, -36.30009774807282, 0.26288312692793986],
  murnaghan: [40.705617940215376, -36.300020190338024, 0.25753470355262764, 4.672779329157222],
  birch: [40.70463907468311, -36.3000296297342, 0.2581939261395675, 4.717894545898185],
  birchmurnaghan: [40.70463796745661, -36.30002962358849, 0.2581937812487562, 4.717935629641429],
  pouriertarantola: [40.703732720812916, -36.30004158558077, 0.2590133967861739, 4.757671430410024],
  vinet: [40.70419448068795, -36.30003391198811, 0.2584941126850622, 4.738155122924963],
  'anton-schmidt': [40.70454744245733, -36.300030445575665, 0.2582517211982572, 4.722047763971136],
  p3: [40.70056748160253, -36.30009774823115, 0.262883109931754],
};
const names = Object.keys(equationsOfState) as EquationName[];

describe.each(names)('%s', (name) => {
  test('is what ASE fits, within the tolerance of its own', () => {
    const [volume, energy, bulkModulus, derivative] = ase[name];
    const found = fitEquationOfState(volumes, energies, name);
    expect(found.volume / volume).toBeCloseTo(1, 7);
    expect(found.energy).toBeCloseTo(energy, 7);
    expect(found.bulkModulus / bulkModulus).toBeCloseTo(1, 5);
    if (derivative !== undefined) expect(found.pressureDerivative).toBeCloseTo(derivative, 3);
    expect(found.isBracketed).toBe(true);
  });

  test('is stationary: no other parameters fit better', () => {
    const { rmse, energyAt } = fitEquationOfState(volumes, energies, name);
    const missed = (scale: number, shift: number): number =>
      Math.sqrt(volumes.reduce((sum, v, i) => sum + (energyAt(v * scale) + shift - energies[i]!) ** 2, 0) / 9);
    expect(missed(1, 0)).toBeCloseTo(rmse, 15);
    for (const step of [1e-5, -1e-5]) {
      expect(missed(1 + step, 0)).toBeGreaterThan(rmse);
      expect(missed(1, step)).toBeGreaterThan(rmse);
    }
  });

  test('gives back what it was made of, B₀′ included', () => {
    const { g, start, derivative } = equationsOfState[name];
    const curve = volumes.map((v) => -7 + 0.9 * 41 * g(v / 41, start + 0.3));
    const found = fitEquationOfState(volumes, curve, name);
    expect(found.volume).toBeCloseTo(41, 7);
    expect(found.bulkModulus).toBeCloseTo(0.9, 7);
    expect(found.pressureDerivative).toBeCloseTo(derivative(start + 0.3), 5);
    expect(found.rmse).toBeLessThan(1e-10);
  });

  test('B₀′ is the slope of the modulus of its curve', () => {
    const { g, start, derivative } = equationsOfState[name];
    const h = 1e-3;
    const at = (k: number): number => g(1 + k * h, start);
    const second = (at(1) - 2 * at(0) + at(-1)) / h ** 2;
    const third = (at(2) - 2 * at(1) + 2 * at(-1) - at(-2)) / (2 * h ** 3);
    expect(second).toBeCloseTo(1, 4);
    expect(-1 - third / second).toBeCloseTo(derivative(start), 3);
  });
});

test('a minimum beyond the volumes is said', () => {
  expect(
    fitEquationOfState(
      volumes.slice(0, 5),
      energies.slice(0, 5).map((e, i) => e - 0.02 * i),
    ).isBracketed,
  ).toBe(false);
});

test.each([
  [volumes, energies.map((e) => -e), 'birchmurnaghan', /have no minimum/],
  [volumes.slice(0, 4), energies.slice(0, 4), 'birchmurnaghan', /at least 5 different ones/],
  [[1, 1, 1, 1, 1], [1, 2, 3, 4, 5], 'birchmurnaghan', /at least 5 different ones/],
  [volumes, energies.map(() => NaN), 'birchmurnaghan', /finite/],
  [volumes, energies, 'vineet', /equation is vineet; expected one of birchmurnaghan/],
])('points without a curve are refused', (v, e, name, message) => {
  expect(() => fitEquationOfState(v, e, name as EquationName)).toThrow(message);
});
