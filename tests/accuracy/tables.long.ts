/**
 * Tables of functions of distance on the geometries of 1,000 frames of MPtrj, for a model of 89 elements: writes
 * benchmarks/results/tables.json.
 *
 * Run by `npm run test:long -- tests/accuracy`, with MACE_FIXTURES set; a quarter of an hour on one core.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reference, type Result } from '@mace/core';
import { maceGraph } from '@mace/core/model';
import { planValues, tableGate } from '@mace/core/planner';
import { wasm } from '@mace/backend-wasm';
import { readStructureFile } from '@mace/io/node';
import { writeWhole } from '../../scripts/lib/conformance.mjs';
import { fixture, fixtureFolder, mptrj } from '../support/fixtures.js';
import { universalModel } from '../support/universal-model.js';
import { root } from '../support/workspace.js';
import { differences, evaluate, percentiles, rootMeanSquare, type Difference } from './differences.js';
import { elementGroups } from './element-groups.js';
import { gates, problemsOf, type TablesReport } from './tables-report.js';

const mostElements = 12;
const model = universalModel();

/** Frames whose results without tables are compared with the reference's: every fiftieth. */
const checked = (frame: number): boolean => frame % 50 === 0;

describe.skipIf(fixtureFolder === undefined)('tables on 1,000 frames of MPtrj (MACE_FIXTURES)', () => {
  test('within their gates', async () => {
    const frames = await readStructureFile(fixture(...mptrj));
    expect(frames).toHaveLength(1000);
    const backend = wasm();
    const made = await backend.create();
    const { device } = made;
    await made.dispose();
    const found = {
      reference: [] as Difference[],
      double: [] as (Difference & { readonly frame: number })[],
      single: [] as Difference[],
      singleExact: [] as Difference[],
      sizes: [] as Difference[],
    };
    const groups = elementGroups(frames, mostElements);
    for (const [n, group] of groups.entries()) {
      const structures = group.map((i) => frames[i]!);
      const exact = await evaluate(model, structures, { backend, precision: 'f64', tables: false });
      const run = async (precision: 'f64' | 'f32', tables: boolean): Promise<Difference[]> =>
        differences(await evaluate(model, structures, { backend, precision, tables }), exact);
      found.double.push(...(await run('f64', true)).map((one, i) => ({ ...one, frame: group[i]! })));
      found.single.push(...(await run('f32', true)));
      found.singleExact.push(...(await run('f32', false)));
      found.sizes.push(...differences(exact, exact.map(nothing)));
      const some = group.flatMap((frame, i) => (checked(frame) ? [i] : []));
      if (some.length > 0) {
        const how = { backend: reference(), precision: 'f64', tables: false, plan: false } as const;
        const wanted = await evaluate(
          model,
          some.map((i) => structures[i]!),
          how,
        );
        found.reference.push(
          ...differences(
            some.map((i) => exact[i]!),
            wanted,
          ),
        );
      }
      if (n % 10 === 9) console.log(`${found.double.length} frames, group ${n + 1} of ${groups.length}`);
    }
    const worst = found.double.reduce((most, one) => (one.forces > most.forces ? one : most));
    const both = (all: readonly Difference[]) => ({
      energy: percentiles(all.map(({ energy }) => energy)),
      forces: percentiles(all.map(({ forces }) => forces)),
    });
    const single = { ...both(found.single), rms: rootMeanSquare(found.single) };
    const report: TablesReport = {
      model: '89 elements, 32x0e+32x1o, two layers, cutoff 6 Å, random weights of seed 1',
      structures: 'mptrj-random-1k.xyz',
      frames: found.double.length,
      atoms: frames.reduce((sum, { numbers }) => sum + numbers.length, 0),
      groups: groups.length,
      rmsForce: rootMeanSquare(found.sizes),
      device: `${device}; ${cpus()[0]?.model ?? 'unknown processor'}`,
      runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
      date: new Date().toISOString().slice(0, 10),
      gates,
      reference: { frames: found.reference.length, ...both(found.reference) },
      f64: { ...both(found.double), rms: rootMeanSquare(found.double), worstFrame: worst.frame },
      f32: { tables: single, exact: { ...both(found.singleExact), rms: rootMeanSquare(found.singleExact) } },
      tables: { f64: tables('f64'), f32: tables('f32') },
    };
    writeWhole(join(root, 'benchmarks', 'results', 'tables.json'), `${JSON.stringify(report, null, 2)}\n`);
    console.log(JSON.stringify(report, null, 2));
    expect(problemsOf(report)).toEqual([]);
  });
});

/** The tables of hydrogen and oxygen: without a distance transform, those of other elements are the same functions. */
function tables(precision: 'f64' | 'f32'): TablesReport['tables']['f64'] {
  const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
  const gate = tableGate(precision, model.config.cutoff);
  return [...planValues(maceGraph(model), parameters, { species: [0, 7] }, gate).tables];
}

function nothing(result: Result): Result {
  return { ...result, energy: 0, forces: new Float64Array(result.forces!.length) };
}
