/** Relaxation on the paths of ASE, alone and in batches. */
import { describe, expect, test } from 'vitest';
import type { CancelledError, SystemArrays } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { fixAtoms } from '../constraints/fix-atoms.js';
import { relaxSystem, type RelaxSystemOptions } from './relax-system.js';
import type { Optimizer } from './optimizer.js';
import { startRelaxation, type Relaxation } from './relaxation.js';
import type { Constraint } from '../constraints/constraint.js';
import { atomsOf, chain, systemOf } from '../testing/potentials.js';

const molecule = makeStructure({
  symbols: ['O', 'H', 'C'],
  positions: [0.1, -0.2, 0.3, 0.25, 0.5, -0.75, 1, 0, -0.125],
});

/** Positions after `early` steps; steps to forces of 1e-3 eV/Å and the energy there: `ase.optimize` of ASE 3.29, the same potential. */
const ase = {
  lbfgs: {
    early: 12,
    positions: [
      0.15394970466441737, 0.23023074603855423, 0.32193140766185113, 0.40668960361778667, 0.559447004888581,
      0.6519683858851679, 0.7597455819032595, 0.8444116444383998, 0.9679241045619743,
    ],
    steps: 29,
    energy: 0.12964309354107695,
  },
  fire: {
    early: 12,
    positions: [
      0.0696873225842542, 0.19593331772613665, 0.23354635513998773, 0.3597336157650199, 0.35603223004759293,
      0.6892341940995697, 0.45255509336497063, 0.6868023636518079, 0.7184962923690187,
    ],
    steps: 86,
    energy: 0.1296431124916543,
  },
  'bfgs-line-search': {
    early: 3,
    positions: [
      0.1649788819257371, 0.21040760328965932, 0.3282530088779392, 0.4170095369328455, 0.47866854517950425,
      0.6488279692030549, 0.6996946248149861, 0.8347087294156877, 0.9551099451655949,
    ],
    steps: 9,
    energy: 0.1296430875050487,
  },
};

describe.each(['lbfgs', 'fire', 'bfgs-line-search'] as const)('%s', (optimizer) => {
  test('goes the way of ASE', async () => {
    const system = systemOf([molecule], chain);
    const { early } = ase[optimizer];
    const [short] = (await relaxSystem(system, { optimizer, fmax: 1e-3, steps: early })) as [Relaxation];
    expect([short.end, short.steps]).toEqual(['out-of-steps', early]);
    const [{ positions }] = system.structures() as [Structure];
    positions.forEach((x, i) => expect(x).toBeCloseTo(ase[optimizer].positions[i]!, 11));
    const [found] = (await relaxSystem(systemOf([molecule], chain), { optimizer, fmax: 1e-3 })) as [Relaxation];
    expect([found.end, found.steps]).toEqual(['converged', ase[optimizer].steps]);
    expect(found.last!.energy).toBeCloseTo(ase[optimizer].energy, 11);
    expect(found.largestForce).toBeLessThanOrEqual(1e-3);
  });

  test('has the same bits alone and beside others, which end at other times', async () => {
    const structures = [molecule, atomsOf(6, 2, (i) => Math.cos(i)), atomsOf(8, 5, (i) => 3 * Math.sin(i))];
    const system = systemOf(structures, chain);
    const together = await relaxSystem(system, { optimizer, fmax: 1e-4 });
    expect(new Set(together.map(({ evaluations }) => evaluations)).size).toBeGreaterThan(1);
    for (const [g, structure] of structures.entries()) {
      const alone = systemOf([structure], chain);
      const [own] = await relaxSystem(alone, { optimizer, fmax: 1e-4 });
      expect(own!.last).toEqual(together[g]!.last);
      expect(alone.structures()[0]!.positions).toEqual(system.structures()[g]!.positions);
    }
  });

  test('leaves fixed atoms where they are', async () => {
    const system = systemOf([molecule], chain);
    const constraints = (one: Structure): Constraint[] => [fixAtoms(one, [1])];
    const [{ isConverged }] = (await relaxSystem(system, { optimizer, constraints })) as [Relaxation];
    expect(isConverged).toBe(true);
    const [{ positions }] = system.structures() as [Structure];
    expect([...positions.subarray(3, 6)]).toEqual([0.25, 0.5, -0.75]);
    expect(positions[0]).not.toBe(0.1);
  });
});

test('a relaxation goes on in another system, beside others, on the same path', async () => {
  const [alone] = (await relaxSystem(systemOf([molecule], chain), { fmax: 1e-4 })) as [Relaxation];
  const moved = await startRelaxation(molecule, { fmax: 1e-4 });
  const others = [[], [atomsOf(6, 2, (i) => Math.cos(i))], [atomsOf(8, 5, Math.sin), atomsOf(1, 1)]];
  for (let isGoing = true; isGoing; ) {
    const before = others[moved.evaluations % 3]!;
    const system = systemOf([...before, moved.structure], chain);
    const { energies, forces } = (await system.compute({
      into: { energies: new Float64Array(before.length + 1), forces: new Float64Array(3 * system.offsets.at(-1)!) },
    })) as Required<SystemArrays>;
    isGoing = moved.step({ energy: energies.at(-1)!, forces: forces.subarray(3 * system.offsets.at(-2)!) });
  }
  expect([moved.end, moved.steps, moved.last]).toEqual(['converged', alone.steps, alone.last]);
  expect(moved.step(moved.last!)).toBe(false);
});

test('an optimizer may be a function of the user, with a state of its own', async () => {
  const descent: Optimizer<{ steps: number }> = ({ steps } = { steps: 0 }, { coordinates, forces }) => ({
    state: { steps: steps + 1 },
    next: steps < 40 ? coordinates.map((x, i) => x + 0.05 * forces[i]!) : undefined,
  });
  const [short] = (await relaxSystem(systemOf([molecule], chain), { optimizer: descent, fmax: 0.01 })) as [Relaxation];
  expect(short.end).toBe('converged');
  const [stuck] = (await relaxSystem(systemOf([molecule], chain), { optimizer: descent, fmax: 1e-9 })) as [Relaxation];
  expect([stuck.end, stuck.steps]).toEqual(['stuck', 40]);
  expect(stuck.structure).toBe(stuck.last!.structure);
});

test('what is not finite is refused', async () => {
  const broken = relaxSystem(systemOf([molecule], (_, forces) => (forces.fill(NaN), 0)));
  await expect(broken).rejects.toThrow(/step 0: .* the largest force NaN/);
});

test('what is at rest needs no step, and is told', async () => {
  const system = systemOf(
    [makeStructure({ symbols: ['H'], positions: [1 / 3, 2 / 3, 1] })],
    (_, forces) => (forces.fill(0), 7),
  );
  const seen: number[] = [];
  const [found] = await relaxSystem(system, { observe: ([one]) => void seen.push(one!.last!.energy) });
  expect([found!.end, found!.steps, seen]).toEqual(['converged', 0, [7]]);
});

test('stops when asked to', async () => {
  const cancellation = { aborted: false };
  const stopped = relaxSystem(systemOf([molecule], chain), {
    fmax: 1e-9,
    cancellation,
    observe: ([one]) => void (cancellation.aborted = one!.steps === 3),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' } satisfies Partial<CancelledError>);
});

test.each([
  [{ optimizer: 'bfgs' }, /optimizer is bfgs; expected one of lbfgs, fire, bfgs-line-search, or a function/],
  [{ fmax: 0 }, /fmax is 0; expected a number above 0/],
  [{ fMax: 0.1 }, /fMax is no option of relaxSystem; the nearest is fmax/],
  [{ steps: 1.5 }, /steps is 1.5; expected a whole number/],
  [{ constraints: (one: Structure) => [fixAtoms(one, [3])] }, /fixAtoms is 3; expected numbers of atoms from 0 to 2/],
])('%o is refused', async (options, message) => {
  await expect(relaxSystem(systemOf([molecule], chain), options as RelaxSystemOptions)).rejects.toThrow(message);
});
