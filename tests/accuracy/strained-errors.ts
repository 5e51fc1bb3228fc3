/** What float32 loses on strained structures, beside what mace-torch's float32 loses. */
import { createCalculator, type MaceModel, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { readModelFile } from '@mace/io/node';
import { wasm } from '@mace/backend-wasm';
import { expect } from 'vitest';
import { fixture } from '../support/fixtures.js';
import { strainedModels, strainedStructures } from './strained.js';

/** Of mace-torch's float32 error. */
const most = 2;
/** The settings of a checkpoint are those of this model. */
const like = 'ilyes319_model_swa.model';

/** With tables and without: the root mean square over a hundred structures is at most twice that of mace-torch. */
export async function checkStrained(file: string): Promise<void> {
  const upstream = strainedModels[file]!;
  const checkpoint = file.endsWith('.pt') ? { like: await readModelFile(fixture('models', like)) } : {};
  const model = await readModelFile(fixture('models', file), checkpoint);
  const structures = strainedStructures(upstream);
  const exact = await computed(model, structures, 'f64', false);
  upstream.rows.forEach(([, , , force], i) => {
    const largest = exact[i]!.forces!.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(Math.abs(largest / force - 1), 'the structure of mace-torch').toBeLessThan(1e-3);
  });
  for (const tables of [false, true]) {
    const ours = errors(await computed(model, structures, 'f32', tables), exact);
    const energy = rms(ours.energy) / rms(upstream.rows.map(([, error]) => error));
    const forces = rms(ours.forces) / rms(upstream.rows.map(([, , error]) => error));
    console.log(
      `${file}, ${tables ? 'with tables' : 'exact'}: energy ${energy.toFixed(2)}, forces ${forces.toFixed(2)} of mace-torch's`,
    );
    expect(energy).toBeLessThanOrEqual(most);
    expect(forces).toBeLessThanOrEqual(most);
  }
}

/** Tables serve where no atoms are nearer than they hold for. */
async function computed(
  model: MaceModel,
  structures: readonly Structure[],
  precision: 'f64' | 'f32',
  tables: boolean,
): Promise<Result[]> {
  const calculator = await createCalculator({ model, backend: wasm(), precision, tables });
  try {
    return await calculator.evaluateAll(structures, { properties: ['forces'] });
  } finally {
    await calculator.dispose();
  }
}

/** Of each structure: eV; eV/Å, as the root mean square over components. */
function errors(results: readonly Result[], exact: readonly Result[]): { energy: number[]; forces: number[] } {
  return {
    energy: results.map(({ energy }, i) => energy - exact[i]!.energy),
    forces: results.map(({ forces }, i) => rms([...forces!].map((x, k) => x - exact[i]!.forces![k]!))),
  };
}

function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
}
