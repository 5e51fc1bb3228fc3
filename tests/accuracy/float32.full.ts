// The default backend on real trained models: in float32, with tables and without, no farther from mace-torch's float64
// than twice mace-torch's own float32; in float64, tables within their gates.
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Result } from '@mace/core';
import { readModelFile } from '@mace/io/node';
import { wasm } from '@mace/backend-wasm';
import { fixture, fixtureFolder } from '../support/fixtures.js';
import { differences, evaluate, rootMeanSquare, type Difference } from './differences.js';
import { oracleFrames, oracleModels, structureOf, upstreamResults } from './oracle-frames.js';
import { gates } from './tables-report.js';

/** Of mace-torch's float32 error. */
const most = 2;

describe.skipIf(fixtureFolder === undefined)('real trained models (MACE_FIXTURES)', () => {
  const ratios: number[] = [];
  afterAll(() => console.log(`float32 with tables: at most ${Math.max(...ratios)} times mace-torch's float32 error`));

  test('every oracle file is among them', () => {
    const files = readdirSync(fixture('oracle')).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual(Object.keys(oracleModels).sort());
  });

  test.each(Object.entries(oracleModels))('%s', async (oracle, file) => {
    const model = await readModelFile(fixture('models', file));
    const frames = oracleFrames(oracle);
    const structures = frames.map(structureOf);
    const backend = wasm();
    const run = (precision: 'f64' | 'f32', tables: boolean): Promise<Result[]> =>
      evaluate(model, structures, { backend, precision, tables });
    const exact = await run('f64', false);
    const upstream = differences(upstreamResults(frames, 'float32', exact), exact);
    const found = {
      reference: differences(upstreamResults(frames, 'float64', exact), exact),
      tables: differences(await run('f64', true), exact),
      single: differences(await run('f32', false), exact),
      singleTables: differences(await run('f32', true), exact),
    };
    const ratio = {
      single: largest(found.single) / largest(upstream),
      singleTables: largest(found.singleTables) / largest(upstream),
      rms: rootMeanSquare(found.singleTables) / rootMeanSquare(upstream),
    };
    ratios.push(ratio.singleTables);
    console.log(
      `${file}: tables ${largest(found.tables).toExponential(1)} eV/Å; float32 over mace-torch's ${largest(upstream).toExponential(1)} eV/Å: ${JSON.stringify(ratio)}`,
    );
    expect(largest(found.reference)).toBeLessThan(gates.reference.forces);
    expect(largest(found.tables)).toBeLessThan(gates.f64.forces);
    expect(Math.max(...found.tables.map(({ energy }) => energy))).toBeLessThan(gates.f64.energy);
    expect(ratio.single).toBeLessThanOrEqual(most);
    expect(ratio.singleTables).toBeLessThanOrEqual(most);
    for (const { energy } of found.singleTables) expect(energy).toBeLessThan(2e-5);
  });
});

function largest(all: readonly Difference[]): number {
  return Math.max(...all.map(({ forces }) => forces));
}
