/** Crystals whose energy is a known function of the volume. */
import { expect, test } from 'vitest';
import type { System } from '@mace/core';
import { StructureError } from '@mace/core';
import { makeStructure, volumeOf, type Structure } from '@mace/core/structure';
import type { NotRelaxed } from '../batch/relax.js';
import { equationsOfState } from './equations.js';
import { equationsOfStateOf, type EquationOfStateOptions, type StateEquation } from './equation-of-state.js';

const [volume, modulus] = [30, 0.8];
const crystal = (side: number, z = 8): Structure =>
  makeStructure({ numbers: [z], positions: [0.1, 0.2, 0.3], cell: [side, 0, 0, 0, side, 0, 0, 0, side] });

/** The equation itself as a calculator. */
const calculator = {
  bind: async (structures: readonly Structure[]): Promise<System> => {
    const refused = structures.find(({ numbers }) => numbers[0] !== 8);
    if (refused) throw new StructureError('Element that the model does not cover.');
    let cells = Float64Array.from(structures.flatMap(({ cell }) => [...cell!]));
    const system: Partial<System> = {
      offsets: Int32Array.from({ length: structures.length + 1 }, (_, g) => g),
      order: Int32Array.from(structures, (_, g) => g),
      update: (_, next) => void (cells = Float64Array.from(next!)),
      compute: async ({ into = {} } = {}) => {
        structures.forEach((_, g) => {
          const v = volumeOf(cells.subarray(9 * g, 9 * g + 9));
          into.energies![g] = -3 + modulus * volume * equationsOfState.vinet.g(v / volume, 5);
        });
        return into as never;
      },
      dispose: () => undefined,
    };
    return system as System;
  },
};

async function all(
  structures: (Structure | Error)[],
  options: EquationOfStateOptions,
): Promise<(StateEquation | NotRelaxed)[]> {
  const found = [];
  for await (const one of equationsOfStateOf(calculator, structures, options)) found.push(one);
  return found;
}

test('volumes are even steps, and the fit is that of the energies', async () => {
  const [found] = (await all([crystal(3.1)], { equation: 'vinet', minVolume: 0.9, maxVolume: 1.1, volumes: 9 })) as [
    StateEquation,
  ];
  const own = 3.1 ** 3;
  found.points.forEach((point, i) => expect(point.volume / own).toBeCloseTo(0.9 + 0.025 * i, 12));
  expect(found.fit.volume).toBeCloseTo(volume, 6);
  expect(found.fit.bulkModulus).toBeCloseTo(modulus, 6);
  expect(found.fit.pressureDerivative).toBeCloseTo(5, 4);
  expect(found.fit.energy).toBeCloseTo(-3, 10);
});

test('each of many has its own, failures in their places', async () => {
  const molecule = makeStructure({ symbols: ['O'], positions: [0, 0, 0] });
  const found = await all([crystal(3.1), molecule, new Error('not readable'), crystal(3, 9), crystal(3.12)], {
    batchAtoms: 3,
  });
  expect(found.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  expect(found.map((one) => ('error' in one ? one.error.message.slice(0, 40) : one.points.length))).toEqual([
    7,
    'an equation of state is of a crystal: ex',
    'not readable',
    'Element that the model does not cover.',
    7,
  ]);
  expect((found[4] as StateEquation).structure.cell![0]).toBe(3.12);
});

test.each([
  [{ nVolumes: 3 } as object, /nVolumes is no option of equationsOfStateOf; the nearest is volumes/],
  [{ minimize: true } as object, /minimize is true; expected options of relax/],
  [{ minVolume: 0 }, /minVolume is 0/],
  [{ minVolume: 1.1 }, /maxVolume is 1.05; expected a number above minVolume, which is 1.1/],
  [{ volumes: 4 }, /volumes is 4; expected a whole number from 5 on/],
  [{ equation: 'x' as 'sj' }, /equation is x/],
])('%j is refused before anything is computed', async (options, message) => {
  await expect(all([crystal(3)], options)).rejects.toThrow(message);
});
