/** The thermostats and barostats that `ensembles.test.ts` leaves out against theory. `ensembles.long.ts` has more samples and what is wrong. */
import { expect, test } from 'vitest';
import { fits, type KnownName } from '../testing/known-ensembles.js';

const names = [
  'nvt',
  'npt, Langevin',
  'npt, anisotropic',
  'nph',
  'npt of a gas',
  'npt of a gas, Langevin',
  'npt of molecules with bonds',
] satisfies KnownName[];

test.each(names)('kinetic energies and volumes have their distributions: %s', async (name) => {
  const found = await fits(name, 25, { before: 150, samples: 12, every: name.includes('bonds') ? 150 : 80 });
  for (const [what, probability] of Object.entries(found)) expect(probability, what).toBeGreaterThan(1e-3);
});
