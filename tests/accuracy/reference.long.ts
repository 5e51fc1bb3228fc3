// The reference on real trained models, with tables and without: in float32 no farther from mace-torch's float64 than twice
// mace-torch's own float32; in float64, tables within their gates. float32.full.ts asks the same of the default backend.
import { describe, expect, test } from 'vitest';
import { reference, type Result } from '@mace/core';
import { readModelFile } from '@mace/io/node';
import { fixture, fixtureFolder } from '../support/fixtures.js';
import { differences, evaluate, type Difference } from './differences.js';
import { oracleFrames, oracleModels, structureOf, upstreamResults, type OracleFrame } from './oracle-frames.js';
import { gates } from './tables-report.js';

/** For tables, which do not know how large a structure is. */
const mostAtoms = 100;

describe.skipIf(fixtureFolder === undefined)('the reference on real trained models (MACE_FIXTURES)', () => {
  test.each(Object.entries(oracleModels))('%s', async (oracle, file) => {
    const model = await readModelFile(fixture('models', file));
    const all = oracleFrames(oracle);
    const some = smallest(all);
    const run = (frames: readonly OracleFrame[], precision: 'f64' | 'f32', tables: boolean): Promise<Result[]> =>
      evaluate(model, frames.map(structureOf), { backend: reference(), precision, tables });

    checkSingle(all, await run(all, 'f32', false));
    const singleTables = await run(some, 'f32', true);
    expect(singleTables.every(({ tables }) => tables)).toBe(true);
    checkSingle(some, singleTables);
    const tables = differences(await run(some, 'f64', true), await run(some, 'f64', false));
    expect(largest(tables)).toBeLessThan(gates.f64.forces);
    for (const { energy } of tables) expect(energy).toBeLessThan(gates.f64.energy);
  });
});

function checkSingle(frames: readonly OracleFrame[], results: readonly Result[]): void {
  const exact = upstreamResults(frames, 'float64', results);
  const ours = differences(results, exact);
  const upstream = differences(upstreamResults(frames, 'float32', results), exact);
  expect(largest(ours)).toBeLessThanOrEqual(2 * largest(upstream));
  for (const { energy } of ours) expect(energy).toBeLessThan(2e-5);
}

/** Frames with neighbors, from the smallest on. */
function smallest(frames: readonly OracleFrame[]): OracleFrame[] {
  const sorted = frames.filter(({ species }) => species.length > 1).sort((a, b) => a.species.length - b.species.length);
  let atoms = 0;
  return sorted.filter(({ species }, i) => (atoms += species.length) <= mostAtoms || i === 0);
}

function largest(all: readonly Difference[]): number {
  return Math.max(...all.map(({ forces }) => forces));
}
