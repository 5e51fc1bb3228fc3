/** Units and masses against numbers that ASE 3.29 prints. */
import { expect, test } from 'vitest';
import { boltzmannConstant, femtosecond, gigapascal, massesOf } from './units.js';

test('constants have the bits of ase.units', () => {
  expect(femtosecond).toBe(0.09822694788464063);
  expect(boltzmannConstant).toBe(8.617330337217213e-5);
  expect(gigapascal).toBe(0.006241509125883258);
});

test('masses are those of ase.data', () => {
  expect([...massesOf([1, 6, 8, 26, 92, 118])]).toEqual([1.008, 12.011, 15.999, 55.845, 238.02891, 294.214]);
  expect(() => massesOf([1, 0])).toThrow(/Atom 1 has the atomic number 0; expected 1 to 118/);
});
