/**
 * Real trained models against what mace-torch computed with them, in float64. Float32 is in tests/accuracy.
 *
 * The files are read in place from the folder that MACE_FIXTURES names; without it these tests are skipped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCalculator, reference, type Calculator } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { readModelFile } from '@mace/io/node';

const folder = process.env.MACE_FIXTURES;

interface Numbers {
  readonly energy: number;
  readonly interaction_energy: number;
  readonly node_energy: number[];
  readonly forces: number[][];
  readonly stress?: number[][];
  readonly virials?: number[][];
  readonly node_feats_first2?: number[][];
  readonly n_edges?: number;
}
interface Oracle {
  readonly model_sha256: string;
  readonly frames: readonly {
    readonly source: string;
    readonly index: number;
    readonly species: string[];
    readonly positions: number[][];
    readonly cell: number[][] | null;
    readonly pbc: [boolean, boolean, boolean];
    readonly float64: Numbers;
  }[];
}

/** Oracle file → model file. */
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

function largest(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBeGreaterThanOrEqual(expected.length);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i]! - value)), 0);
}

function structureOf(frame: Oracle['frames'][number]): Structure {
  return makeStructure({
    symbols: frame.species,
    positions: frame.positions.flat(),
    ...(frame.cell && frame.pbc.some(Boolean) && { cell: frame.cell.flat() }),
    pbc: frame.pbc,
  });
}

async function withModel<T>(file: string, use: (calculator: Calculator) => Promise<T>): Promise<T> {
  const model = await readModelFile(join(folder!, 'models', file));
  const calculator = await createCalculator({ model, backend: reference(), precision: 'f64' });
  try {
    return await use(calculator);
  } finally {
    await calculator.dispose();
  }
}

describe.skipIf(!folder)('real trained models (MACE_FIXTURES)', () => {
  test('every oracle file has a model here', () => {
    expect(
      readdirSync(join(folder!, 'oracle'))
        .map((file) => file.replace('.json', ''))
        .sort(),
    ).toEqual(Object.keys(models).sort());
  });

  for (const [oracle, file] of Object.entries(models)) {
    test(file, async () => {
      const { frames } = JSON.parse(readFileSync(join(folder!, 'oracle', `${oracle}.json`), 'utf8')) as Oracle;
      const worst = { energy: 0, energies: 0, forces: 0, stress: 0 };
      await withModel(file, async (calculator) => {
        for (const frame of frames) {
          const expected = frame.float64;
          const result = await calculator.evaluate(structureOf(frame), {
            properties: ['forces', 'stress', 'descriptors'],
          });
          expect(result.edges).toBe(expected.n_edges);
          worst.energy = Math.max(
            worst.energy,
            Math.abs(result.energy - expected.energy) / result.atoms,
            Math.abs(result.interactionEnergy - expected.interaction_energy) / result.atoms,
          );
          worst.energies = Math.max(worst.energies, largest(result.energies, expected.node_energy));
          worst.forces = Math.max(worst.forces, largest(result.forces!, expected.forces.flat()));
          if (result.stress && expected.stress)
            worst.stress = Math.max(worst.stress, largest(result.stress, expected.stress.flat()));
        }
      });
      console.log(`${file}, largest difference: ${JSON.stringify(worst)}`);
      expect(worst.energy).toBeLessThan(1e-9);
      expect(worst.energies).toBeLessThan(1e-9);
      expect(worst.forces).toBeLessThan(1e-8);
      expect(worst.stress).toBeLessThan(1e-10);
    });
  }
});
