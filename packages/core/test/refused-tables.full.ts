/** Where the tables of some elements are too large together: what a structure gets depends on its own elements all the same. */
import { expect, test, vi } from 'vitest';
import { createCalculator, reference, type Result, type Structure } from '@mace/core';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import type * as TableGates from '../src/planner/table-gate.js';

// As much as the tables of two elements hold.
vi.mock('../src/planner/table-gate.js', async (original) => {
  const gates: typeof TableGates = await original();
  return {
    ...gates,
    tableGate: (...of: Parameters<typeof gates.tableGate>) => ({ ...gates.tableGate(...of), mostValues: 190_000 }),
  };
});

const structureOf = (numbers: number[]): Structure =>
  makeStructure({ numbers, positions: [0, 0, 0, 0.4, 0.9, 0.8, -0.9, 0.8, 0.2].slice(0, 3 * numbers.length) });
const bits = ({ energy, forces }: Result): number[] => [energy, ...forces!];

test('in batches and one after the other', async () => {
  const model = deterministicModel(tinyModels.C.config);
  const options = { model, backend: reference(), precision: 'f32', tables: true } as const;
  const structures = [
    [1, 1],
    [6, 6, 8],
    [1, 6, 8],
    [8, 8],
    [1, 6],
  ].map(structureOf);
  const calculator = await createCalculator(options);
  const together = await calculator.evaluateAll(structures);
  expect(together.map(({ tables }) => tables)).toEqual([true, true, false, true, true]);
  for (const [i, structure] of structures.entries()) {
    const alone = await createCalculator(options);
    expect(bits(await alone.evaluate(structure))).toEqual(bits(together[i]!));
    await alone.dispose();
    expect(bits(await calculator.evaluate(structure))).toEqual(bits(together[i]!));
  }
  // Fixed elements that are too many for tables together take them from nobody.
  const fixed = await createCalculator({ ...options, elements: ['H', 'C', 'O'] });
  expect(bits(await fixed.evaluate(structures[0]!))).toEqual(bits(together[0]!));
  await fixed.dispose();
  await calculator.dispose();
});
