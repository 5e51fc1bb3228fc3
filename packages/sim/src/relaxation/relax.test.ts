/** Relaxation on the paths of ASE, alone and in batches. */
import { describe, expect, test } from 'vitest';
import type { CancelledError } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { relax, type RelaxationOptions } from './relax.js';
import { atomsOf, chain, systemOf } from '../testing/potentials.js';

const molecule = makeStructure({
  symbols: ['O', 'H', 'C'],
  positions: [0.1, -0.2, 0.3, 0.25, 0.5, -0.75, 1, 0, -0.125],
});

/** Positions after 12 steps; steps to forces of 1e-3 eV/Å and the energy there: `ase.optimize` of ASE 3.29, the same potential. */
const ase = {
  lbfgs: {
    positions: [
      0.15394970466441737, 0.23023074603855423, 0.32193140766185113, 0.40668960361778667, 0.559447004888581,
      0.6519683858851679, 0.7597455819032595, 0.8444116444383998, 0.9679241045619743,
    ],
    steps: 29,
    energy: 0.12964309354107695,
  },
  fire: {
    positions: [
      0.0696873225842542, 0.19593331772613665, 0.23354635513998773, 0.3597336157650199, 0.35603223004759293,
      0.6892341940995697, 0.45255509336497063, 0.6868023636518079, 0.7184962923690187,
    ],
    steps: 86,
    energy: 0.1296431124916543,
  },
};

describe.each(['lbfgs', 'fire'] as const)('%s', (optimizer) => {
  test('goes the way of ASE', async () => {
    const system = systemOf([molecule], chain);
    const { isConverged, steps } = await relax(system, { optimizer, fmax: 1e-3, steps: 12 });
    expect([isConverged[0], steps[0]]).toEqual([false, 12]);
    const [{ positions }] = system.structures() as [Structure];
    positions.forEach((x, i) => expect(x).toBeCloseTo(ase[optimizer].positions[i]!, 11));
    const found = await relax(systemOf([molecule], chain), { optimizer, fmax: 1e-3 });
    expect([found.isConverged[0], found.steps[0]]).toEqual([true, ase[optimizer].steps]);
    expect(found.energies[0]).toBeCloseTo(ase[optimizer].energy, 11);
    expect(found.largestForces[0]).toBeLessThanOrEqual(1e-3);
  });

  test('has the same bits alone and beside others, which end at other times', async () => {
    const structures = [molecule, atomsOf(6, 2, (i) => Math.cos(i)), atomsOf(8, 5, (i) => 3 * Math.sin(i))];
    const system = systemOf(structures, chain);
    const { steps, energies } = await relax(system, { optimizer, fmax: 1e-4 });
    expect(new Set(steps).size).toBe(3);
    for (const [g, structure] of structures.entries()) {
      const alone = systemOf([structure], chain);
      const own = await relax(alone, { optimizer, fmax: 1e-4 });
      expect([own.steps[0], own.energies[0]]).toEqual([steps[g], energies[g]]);
      expect(alone.structures()[0]!.positions).toEqual(system.structures()[g]!.positions);
    }
  });

  test('leaves fixed atoms where they are', async () => {
    const system = systemOf([molecule], chain);
    const { isConverged } = await relax(system, { optimizer, fixed: [1] });
    expect(isConverged).toEqual([true]);
    const [{ positions }] = system.structures() as [Structure];
    expect([...positions.subarray(3, 6)]).toEqual([0.25, 0.5, -0.75]);
    expect(positions[0]).not.toBe(0.1);
  });
});

test('what is at rest needs no step, and is told', async () => {
  const system = systemOf(
    [makeStructure({ symbols: ['H'], positions: [1 / 3, 2 / 3, 1] })],
    (_, forces) => (forces.fill(0), 7),
  );
  const seen: number[] = [];
  const found = await relax(system, { observe: ({ energies }) => void seen.push(energies[0]!) });
  expect([found.isConverged[0], found.steps[0], seen]).toEqual([true, 0, [7]]);
});

test('stops when asked to', async () => {
  const cancellation = { aborted: false };
  const stopped = relax(systemOf([molecule], chain), {
    fmax: 1e-9,
    cancellation,
    observe: ({ steps }) => void (cancellation.aborted = steps[0] === 3),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' } satisfies Partial<CancelledError>);
});

test.each([
  [{ optimizer: 'bfgs' }, /optimizer is bfgs; expected one of lbfgs, fire/],
  [{ fmax: 0 }, /fmax is 0; expected a number above 0/],
  [{ steps: 1.5 }, /steps is 1.5; expected a whole number/],
  [{ fixed: [3] }, /fixed is 3; expected numbers of atoms from 0 to 2/],
])('%j is refused', async (options, message) => {
  await expect(relax(systemOf([molecule], chain), options as RelaxationOptions)).rejects.toThrow(message);
});
