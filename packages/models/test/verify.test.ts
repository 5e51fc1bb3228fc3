/** `verify` finds what differs, and agrees with mace-torch on random weights. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, type Calculator, type MaceModel } from '@mace/core';
import { readModel } from '@mace/io';
import { verifyFigures } from '../src/index.js';
import { standIn, standInFigures } from './testing/standins.js';

describe.each(['medium', 'off-medium'] as const)('the stand-in of %s', (name) => {
  let model: MaceModel;
  let calculator: Calculator;
  beforeAll(async () => {
    model = await readModel(standIn(name));
    calculator = await createCalculator({ model, backend: wasm() });
  });
  afterAll(() => calculator.dispose());

  test('gives the numbers of mace-torch', async () => {
    const verified = await verifyFigures(calculator, standInFigures(name));
    expect(verified).toHaveLength(5);
    for (const one of verified) expect(one, one.structure).toMatchObject({ agrees: true });
    expect(verified.at(-1)!.stressDifference).toBeLessThan(1e-9);
  });

  test('numbers that are off by little are found', async () => {
    const { figures } = standInFigures(name);
    const wrong = figures.map((figure) => ({
      ...figure,
      energy: figure.energy + 1e-6 * Math.max(1, Math.abs(figure.energy)),
    }));
    for (const one of await verifyFigures(calculator, { figures: wrong })) expect(one.agrees).toBe(false);
    const moved = figures.map((figure) => {
      const largest = Math.max(1, ...figure.forces!.map(Math.abs));
      return { ...figure, forces: figure.forces!.map((f, i) => (i === 1 ? f + 1e-5 * largest : f)) };
    });
    for (const one of await verifyFigures(calculator, { figures: moved }))
      expect(one.agrees, one.structure).toBe(false);
  });
});
