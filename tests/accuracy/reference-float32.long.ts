// The reference on real trained models in float32: no farther from mace-torch's float64 than twice mace-torch's own float32.
import { describe, expect, test } from 'vitest';
import { reference } from '@mace/core';
import { readModelFile } from '@mace/io/node';
import { fixture, fixtureFolder } from '../support/fixtures.js';
import { differences, evaluate, type Difference } from './differences.js';
import { oracleFrames, oracleModels, structureOf, upstreamResults } from './oracle-frames.js';

describe.skipIf(fixtureFolder === undefined)('the reference on real trained models (MACE_FIXTURES)', () => {
  test.each(Object.entries(oracleModels))('%s', async (oracle, file) => {
    const model = await readModelFile(fixture('models', file));
    const frames = oracleFrames(oracle);
    const how = { backend: reference(), precision: 'f32', tables: false } as const;
    const results = await evaluate(model, frames.map(structureOf), how);
    const exact = upstreamResults(frames, 'float64', results);
    const ours = differences(results, exact);
    const upstream = differences(upstreamResults(frames, 'float32', results), exact);
    console.log(`${file}: forces ${largest(ours)} (mace-torch ${largest(upstream)}) eV/Å`);
    expect(largest(ours)).toBeLessThanOrEqual(2 * largest(upstream));
    for (const { energy } of ours) expect(energy).toBeLessThan(2e-5);
  });
});

function largest(all: readonly Difference[]): number {
  return Math.max(...all.map(({ forces }) => forces));
}
