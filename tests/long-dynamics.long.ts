/**
 * Dynamics that takes an hour: a million steps of aspirin, whose memory has to stay flat, and how well constant energy is kept by 64 waters.
 * Writes what it measured to `reports/long-dynamics.json`, which `long-reports.test.ts` reads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, type Calculator, type Precision } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { openFolderStorage, readFrames } from '@mace/io/node';
import { readModel } from '@mace/models/node';
import { dynamics, parseObservers, type Frame } from '@mace/sim';
import { waters } from '../benchmarks/lib/systems.mjs';
import { hashOfSources } from '../scripts/lib/sources.mjs';
import { fixture, fixtureFolder } from './support/fixtures.js';
import { lineThrough } from './support/line.js';
import { writeReport } from './support/report.js';

const timestep = 0.5;
const sources = hashOfSources(['packages/sim/src']);
const report: Record<string, unknown> = { threads: 1 };
afterAll(() => {
  if ('million' in report && 'f64' in report) writeReport('long-dynamics', sources, report);
});

test.runIf(fixtureFolder !== undefined)(
  'a million steps of 21 atoms take no more memory than the first ones',
  async () => {
    const [aspirin] = await readFrames(fixture('data', 'rmd17', 'rmd17_aspirin_train.xyz@0'));
    const model = await readModel(fixture('models', 'MACE_SPICE.model'));
    const calculator = await createCalculator({ model, backend: wasm({ threads: 1 }), precision: 'f32', tables: true });
    const folder = mkdtempSync(join(tmpdir(), 'mace-long-'));
    const storage = await openFolderStorage(folder);
    const steps = 1_000_000;
    const megabytes: number[] = [];
    const began = performance.now();
    try {
      const run = dynamics(calculator, aspirin!, {
        ...{ ensemble: 'nvt', temperature: 300, timestep, seed: 1, steps, storage },
        observers: parseObservers('msd,vacf,rdf'),
      });
      for await (const { step } of frames(run)) {
        if (step % (steps / 20) !== 0) continue;
        globalThis.gc?.();
        megabytes.push(Math.round(process.memoryUsage().rss / 2 ** 20));
        console.log(`${step} steps in ${((performance.now() - began) / 1000).toFixed(0)} s, ${megabytes.at(-1)} MiB`);
      }
    } finally {
      storage.close();
      rmSync(folder, { recursive: true });
      await calculator.dispose();
    }
    const seconds = (performance.now() - began) / 1000;
    report['million'] = { model: 'MACE_SPICE', atoms: 21, steps, seconds, megabytes };
    // What is left at the end beside a quarter of the way, when all has been compiled and every buffer has its size.
    expect(megabytes.at(-1)).toBeLessThan(1.1 * megabytes[5]!);
  },
);

test.each<[Precision, number]>([
  ['f32', 100_000],
  ['f64', 10_000],
])('constant energy of 64 waters in %s: %i steps', async (precision, steps) => {
  const model = await readModel('bundled');
  const calculator = await createCalculator({
    ...{ model, backend: wasm({ threads: 1 }), precision, tables: precision === 'f32' },
  });
  try {
    const settled = await settledWaters();
    const [times, energies]: [number[], number[]] = [[], []];
    const run = dynamics(calculator, settled, { ensemble: 'nve', timestep, steps });
    for await (const { time, conserved, step } of frames(run)) {
      times.push(time);
      energies.push(conserved);
      if (step % (steps / 10) === 0) console.log(`${step} steps: ${conserved} eV`);
    }
    // meV/atom/ns
    const scale = 1e9 / settled.numbers.length;
    const { slope, error } = lineThrough(times, energies);
    report[precision] = {
      model: 'bundled',
      atoms: settled.numbers.length,
      steps,
      timestep,
      drift: slope * scale,
      error: error * scale,
    };
    console.log(
      `${precision}: drift ${(slope * scale).toPrecision(3)} ± ${(error * scale).toPrecision(2)} meV/atom/ns`,
    );
    if (precision === 'f64') expect(Math.abs(slope)).toBeLessThan(4 * error);
    else expect(Math.abs(slope * scale)).toBeLessThan(100);
  } finally {
    await calculator.dispose();
  }
});

let settled: Promise<Structure> | undefined;

/** Waters relaxed a little and then held at 300 K for 2 ps; the same start for both. */
function settledWaters(): Promise<Structure> {
  return (settled ??= settle());
}

async function settle(): Promise<Structure> {
  const calculator: Calculator = await createCalculator({
    ...{ model: await readModel('bundled'), backend: wasm({ threads: 1 }), precision: 'f32', tables: true },
  });
  try {
    let last: Frame | undefined;
    const options = {
      ensemble: 'nvt',
      temperature: 300,
      timestep,
      friction: 0.02,
      steps: 4000,
      minimizeTo: 0.5,
    } as const;
    for await (const frame of frames(dynamics(calculator, waters().structure, options))) last = frame;
    const { structure, momenta } = last!;
    return { ...structure, arrays: { ...structure.arrays, momenta: { values: momenta, columns: 3, kind: 'real' } } };
  } finally {
    await calculator.dispose();
  }
}

async function* frames(run: ReturnType<typeof dynamics>): AsyncGenerator<Frame, void, undefined> {
  for await (const event of run) {
    if ('error' in event) throw event.error;
    yield event;
  }
}
