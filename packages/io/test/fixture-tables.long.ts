/**
 * Tables of functions of distance on real trained models: within 1e-8 eV/atom and 1e-7 eV/Å of the exact model in
 * float64; in float32 no farther from mace-torch's float64 than twice mace-torch's own float32.
 *
 * The files are read in place from the folder that MACE_FIXTURES names; without it these tests are skipped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createCalculator, reference, type MaceModel, type Result } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { readModelFile } from '@mace/io/node';

const folder = process.env.MACE_FIXTURES;

interface Frame {
  readonly species: string[];
  readonly positions: number[][];
  readonly cell: number[][] | null;
  readonly pbc: [boolean, boolean, boolean];
  readonly float64: { readonly forces: number[][] };
  readonly float32: { readonly forces: number[][] };
}

const models: Readonly<Record<string, string>> = {
  'acesuit-mace__GST_mace_swa': 'GST_mace_swa.model',
  'aiida-mlip__test': 'aiida_test.model',
  atomate2__MACE: 'atomate2_MACE.model',
  ilyes319__model_swa: 'ilyes319_model_swa.model',
  'imagdau-tutorials__mace01_swa': 'mace01_swa.model',
  'imagdau-tutorials__mace02_com1_swa': 'mace02_com1_swa.model',
  'openmm-ml__MACE_SPICE': 'MACE_SPICE.model',
  'openmm-ml__ani500k_small_CC': 'ani500k_small_CC.model',
};

/** The smallest frames with neighbors: the test is about tables, which do not know how large a structure is. */
function framesOf(oracle: string): Frame[] {
  const { frames } = JSON.parse(readFileSync(join(folder!, 'oracle', `${oracle}.json`), 'utf8')) as { frames: Frame[] };
  const sorted = frames.filter(({ species }) => species.length > 1).sort((a, b) => a.species.length - b.species.length);
  let atoms = 0;
  return sorted.filter(({ species }, i) => (atoms += species.length) <= 100 || i === 0);
}

function structureOf({ species, positions, cell, pbc }: Frame): Structure {
  return makeStructure({
    symbols: species,
    positions: positions.flat(),
    ...(cell && pbc.some(Boolean) && { cell: cell.flat() }),
    pbc,
  });
}

async function evaluate(
  model: MaceModel,
  precision: 'f64' | 'f32',
  tables: boolean,
  structures: readonly Structure[],
): Promise<Result[]> {
  const calculator = await createCalculator({ model, backend: reference(), precision, tables });
  try {
    return await calculator.evaluateAll(structures, { properties: ['forces'] });
  } finally {
    await calculator.dispose();
  }
}

function largest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Array.from(found).reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}

describe.skipIf(!folder)('tables on real trained models (MACE_FIXTURES)', () => {
  const tested = new Set<string>();
  afterAll(() => {
    expect([...tested].sort()).toEqual(readdirSync(join(folder!, 'oracle')).map((file) => file.replace('.json', '')));
  });

  test.each(Object.entries(models))('%s', async (oracle, file) => {
    tested.add(oracle);
    const model = await readModelFile(join(folder!, 'models', file));
    const frames = framesOf(oracle);
    const structures = frames.map(structureOf);
    const exact = await evaluate(model, 'f64', false, structures);
    const double = await evaluate(model, 'f64', true, structures);
    const single = await evaluate(model, 'f32', true, structures);
    const worst = { energy: 0, forces: 0, single: 0, upstream: 0 };
    for (const [i, a] of exact.entries()) {
      expect([a.tables, double[i]!.tables, single[i]!.tables]).toEqual([false, true, true]);
      worst.energy = Math.max(worst.energy, Math.abs(a.energy - double[i]!.energy) / a.atoms);
      worst.forces = Math.max(worst.forces, largest(a.forces!, double[i]!.forces!));
      worst.single = Math.max(worst.single, largest(single[i]!.forces!, frames[i]!.float64.forces.flat()));
      worst.upstream = Math.max(
        worst.upstream,
        largest(frames[i]!.float32.forces.flat(), frames[i]!.float64.forces.flat()),
      );
    }
    console.log(`${file}, tables: ${JSON.stringify(worst)}`);
    expect(worst.energy).toBeLessThan(1e-8);
    expect(worst.forces).toBeLessThan(1e-7);
    expect(worst.single).toBeLessThanOrEqual(2 * worst.upstream);
  });
});
