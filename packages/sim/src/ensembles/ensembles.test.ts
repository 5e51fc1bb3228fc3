/** Thermostats and barostats against theory, and that it tells what is wrong with some. All of them, with more samples, are in `ensembles.long.ts`. */
import { describe, expect, test } from 'vitest';
import { fits, known, wrong, type KnownName } from '../testing/known-ensembles.js';

/** Of the probability that a right one lies as far off. */
const level = 1e-3;
const few = { before: 120, samples: 5, every: 60 };
/** Chains forget slowly that all atoms began in the middle of their wells. */
const later = { ...few, before: 500 };

describe('kinetic energies and volumes have their distributions', () => {
  test.each([
    ['nvt-csvr', 60, few],
    ['nvt-nh', 40, later],
    ['npt, rescaled velocities', 50, few],
    ['npt-mtk', 40, later],
  ] as const)('%s', async (name, structures, sampling) => {
    const found = await fits(name, structures, sampling);
    for (const [what, probability] of Object.entries(found)) expect(probability, what).toBeGreaterThan(level);
  });
});

describe('what is wrong is seen', () => {
  test.each([
    ['drift not among the degrees of freedom', 60, few],
    ['drift not among the degrees of freedom of a chain', 40, later],
    ['pressure with the wrong sign', 40, few],
  ] as const)('%s', async (name, structures, sampling) => {
    const { like, ensemble } = wrong[name]!;
    const found = await fits(like, structures, sampling, { ensemble, stress: 'volumes' in known[like] });
    expect(Math.min(...Object.values(found))).toBeLessThan(level);
  });
});

test('there is a wrong one for each way of keeping a temperature or a pressure', () => {
  const kept = new Set(Object.values(wrong).map(({ like }) => known[like].options.ensemble));
  expect(kept).toEqual(new Set((Object.keys(known) as KnownName[]).map((name) => known[name].options.ensemble)));
});
