import { describe, expect, test } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import cases from './golden-cases.json' with { type: 'json' };
import { volumeOf, type Structure } from '@mace/core/structure';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';

describe('golden cases of mace-torch 0.3.16', () => {
  for (const [name, { config, structure, head }] of Object.entries(tinyModels)) {
    for (const plan of [true, false]) {
      test(`${name}, ${plan ? 'planned' : 'as written'}: ${cases[name as 'A'].what}`, async () => {
        const expected = cases[name as 'A'];
        const calculator = await createCalculator({ model: deterministicModel(config), backend: reference(), plan });
        const result = await calculator.evaluate(tinyStructure(structure), {
          properties: ['forces', 'stress', 'descriptors'],
          ...(head && { head }),
        });
        // Twelve significant digits are printed.
        expect(result.edges).toBe(expected.n_edges);
        expect(Math.abs(result.energy - expected.energy)).toBeLessThan(1e-10);
        expected.node_energy.forEach((value, i) => expect(Math.abs(result.energies[i]! - value)).toBeLessThan(2e-11));
        expected.forces.forEach((value, i) => expect(Math.abs(result.forces![i]! - value)).toBeLessThan(1e-12));
        expected.node_feats_atom0_first6.forEach((value, i) =>
          expect(Math.abs(result.descriptors![i]! - value)).toBeLessThan(2e-12),
        );
        const volume = volumeOf(upstreamCell(tinyStructure(structure), config.cutoff));
        expected.stress.forEach((value, i) =>
          expect(Math.abs(result.virial![i]! + value * volume)).toBeLessThan(1e-11 * volume * Math.abs(value) + 1e-13),
        );
        expect(result.stress === null).toBe(structure !== 'crystal');
        await calculator.dispose();
      });
    }
  }
});

/** mace-torch gives directions that are not periodic an artificial length, which its stress refers to. */
function upstreamCell({ positions, cell, pbc }: Structure, cutoff: number): number[] {
  const length = 5 * cutoff * (Math.max(...positions.map(Math.abs)) + 1);
  return [0, 1, 2].flatMap((row) => [0, 1, 2].map((k) => (pbc[row] ? cell![3 * row + k]! : row === k ? length : 0)));
}
