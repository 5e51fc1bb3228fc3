/** Relaxations beside ASE driving mace-torch in float64: `test/references/relaxations.json`, which make_relaxations.py beside it makes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCalculator, type Calculator, type CalculatorOptions } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { readModel } from '@mace/models/node';
import { holdBonds } from '../constraints/bonds.js';
import type { Constraint } from '../constraints/constraint.js';
import { fixAtoms, fixLine, fixPlane } from '../constraints/fix-atoms.js';
import { keepSymmetry } from '../constraints/symmetry.js';
import type { RelaxationOptions } from '../relaxation/options.js';
import { relaxSystem } from '../relaxation/relax-system.js';
import type { Relaxation } from '../relaxation/relaxation.js';

interface Place {
  readonly positions: readonly number[];
  readonly cell?: readonly number[];
}

interface Reference {
  /** Of the folder of fixtures; the bundled one where there is none. */
  readonly model?: string;
  readonly options: RelaxationOptions;
  readonly constraints: readonly (readonly [name: string, ...given: never[]])[];
  readonly start: Place & { readonly numbers: readonly number[] };
  readonly isConverged: boolean;
  readonly steps: number;
  readonly energy: number;
  readonly end: Place;
}

const file = new URL('../../test/references/relaxations.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: Readonly<Record<string, Reference>> };
export const caseNames = Object.keys(cases);

const makers: Record<string, (structure: Structure, ...given: never[]) => Constraint | Promise<Constraint>> = {
  FixAtoms: fixAtoms,
  FixedLine: fixLine,
  FixedPlane: fixPlane,
  FixBondLengths: holdBonds,
  FixSymmetry: keepSymmetry,
};

/** The same numbers of steps, energies within 1e-7 eV, distances within 1e-4 Å, cells within 1e-5 Å. */
export function testAgainstAse(names: readonly string[], backend: CalculatorOptions['backend']): void {
  const calculators = new Map<string, Promise<Calculator>>();
  const calculatorOf = (model: string): Promise<Calculator> => {
    const made = calculators.get(model) ?? readModel(model).then((read) => createCalculator({ model: read, backend }));
    calculators.set(model, made);
    return made;
  };
  afterAll(async () => {
    for (const calculator of calculators.values()) await (await calculator).dispose();
  });

  test.for(names)('%s: ends where ASE does', async (name, { skip }) => {
    const { model, options, constraints, start, isConverged, steps, energy, end } = cases[name]!;
    const fixtures = process.env['MACE_FIXTURES'];
    if (model !== undefined && fixtures === undefined) skip('MACE_FIXTURES names the folder of trained models.');
    const calculator = await calculatorOf(model === undefined ? 'bundled' : join(fixtures!, model));
    expect(isConverged).toBe(true);
    const system = await calculator.bind([makeStructure({ ...start, pbc: start.cell !== undefined })], {
      properties: options.cell ? ['forces', 'stress'] : ['forces'],
    });
    const [found] = (await relaxSystem(system, {
      ...options,
      constraints: (one) => Promise.all(constraints.map(async ([kind, ...given]) => makers[kind]!(one, ...given))),
    })) as [Relaxation];
    system.dispose();
    const off = { energy: Math.abs(found.last!.energy - energy), ...differences(found.structure, end) };
    if (process.env['MACE_SHOW'])
      console.log(
        `${name} | ${steps} | ${found.steps} | ${off.energy.toExponential(1)} | ${off.distance.toExponential(1)} | ${off.cell.toExponential(1)}`,
      );
    expect([found.end, found.steps]).toEqual(['converged', steps]);
    expect(off.energy).toBeLessThan(1e-7);
    expect(off.distance).toBeLessThan(1e-4);
    expect(off.cell).toBeLessThan(1e-5);
  });
}

/** The largest of distances between atoms, and of numbers of the cell, Å. */
function differences({ positions, cell }: Structure, end: Place): { distance: number; cell: number } {
  const distance = (x: ArrayLike<number>, i: number, j: number): number =>
    Math.hypot(x[i]! - x[j]!, x[i + 1]! - x[j + 1]!, x[i + 2]! - x[j + 2]!);
  let most = 0;
  for (let i = 0; i < positions.length; i += 3)
    for (let j = 0; j < i; j += 3)
      most = Math.max(most, Math.abs(distance(positions, i, j) - distance(end.positions, i, j)));
  const cells = end.cell?.map((x, k) => Math.abs(x - cell![k]!)) ?? [];
  return { distance: most, cell: Math.max(0, ...cells) };
}
