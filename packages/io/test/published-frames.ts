/**
 * Frames that the authors of mace01 published with its energies and forces: those that CI has time for, or all.
 *
 * They are read in place from the folder that MACE_FIXTURES names; without it these tests are skipped.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCalculator, reference, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { readModelFile, readStructureFile } from '@mace/io/node';

const folder = process.env.MACE_FIXTURES;
type Frame = Awaited<ReturnType<typeof readStructureFile>>[number];

/** @param step - which frames: the first and each `step` further */
export function testPublishedFrames(step: number): void {
  describe.skipIf(!folder)(`published frames of mace01, one of ${step} (MACE_FIXTURES)`, () => {
    test('of 203, to the printed digits', async () => {
      for (const [frame, result] of await computed('published/mace01_solvent_train.eval.xyz', 203)) {
        expect(Math.abs(result.energy - (frame.info.MACE_energy as number)) / result.atoms).toBeLessThan(1e-9);
        // Eight decimals are printed.
        expect(largest(result.forces!, frame.arrays.MACE_forces!.values)).toBeLessThan(5.1e-9);
      }
    });

    test('of 201 of molecular dynamics, written in float32', async () => {
      for (const [frame, result] of await computed('published/moldyn_mace01_md.xyz', 201)) {
        expect(Math.abs(result.energy - (frame.info.energy as number))).toBeLessThan(6e-5);
        expect(largest(result.forces!, frame.arrays.forces!.values)).toBeLessThan(2e-5);
      }
    });
  });

  async function computed(file: string, count: number): Promise<[Frame, Result][]> {
    const all = await readStructureFile(join(folder!, file));
    expect(all).toHaveLength(count);
    const frames = all.filter((_, i) => i % step === 0);
    const model = await readModelFile(join(folder!, 'models/mace01_swa.model'));
    const calculator = await createCalculator({ model, backend: reference(), precision: 'f64' });
    try {
      const results = await calculator.evaluateAll(frames.map(withoutLargeCell));
      return frames.map((frame, i) => [frame, results[i]!]);
    } finally {
      await calculator.dispose();
    }
  }
}

/** The published molecules carry a 20 Å box that is not periodic. */
function withoutLargeCell(structure: Structure): Structure {
  return structure.pbc.some(Boolean) ? structure : { ...structure, cell: null };
}

function largest(found: ArrayLike<number>, expected: ArrayLike<unknown>): number {
  expect(found.length).toBe(expected.length);
  return Array.from(expected as ArrayLike<number>).reduce(
    (most, value, i) => Math.max(most, Math.abs(found[i]! - value)),
    0,
  );
}
