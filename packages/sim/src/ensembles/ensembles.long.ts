/**
 * All thermostats and barostats against theory, with many samples; two temperatures and two pressures against each other (physical
 * validation: Merz, Shirts, PLoS ONE 13, e0202764, 2018); and that each wrong one is told from the right one. Writes what it found to
 * `test/reports/ensembles.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { hashOfSources } from '../../../../scripts/lib/sources.mjs';
import type { Dynamics } from '../dynamics.js';
import type { MakeEnsemble } from './ensemble.js';
import {
  changed,
  fits,
  known,
  kT,
  louder,
  pressure,
  temperature,
  wrong,
  type KnownName,
} from '../testing/known-ensembles.js';
import { sampled, slopeOfRatio, type Sampling } from '../testing/statistics.js';
import { boltzmannConstant, gigapascal } from '../units.js';

const level = 1e-3;
/** Structures of each run. */
const many = 150;

const report = {
  date: new Date().toISOString().slice(0, 10),
  sources: hashOfSources(['packages/sim/src']),
  level,
  distributions: {} as Record<string, Record<string, number>>,
  wrong: {} as Record<string, Record<string, number>>,
  temperatures: {} as Record<string, Ratio>,
  pressures: {} as Record<string, Ratio>,
};
afterAll(() => {
  // A run of some of them leaves the report as it is.
  if (Object.keys(report.distributions).length < Object.keys(known).length || !report.pressures['npt-mtk']) return;
  const folder = new URL('../../test/reports/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('ensembles.json', folder), `${JSON.stringify(report, null, 2)}\n`);
});
const sampling = (name: KnownName): Sampling =>
  name === 'nvt-nh' || name === 'npt-mtk'
    ? { before: 600, samples: 12, every: 100 }
    : { before: 150, samples: 12, every: name.includes('bonds') ? 150 : 80 };

describe('kinetic energies, volumes and shapes have their distributions', () => {
  test.each(Object.keys(known) as KnownName[])('%s', async (name) => {
    const found = await fits(name, many, sampling(name));
    report.distributions[name] = found;
    for (const [what, probability] of Object.entries(found)) expect(probability, what).toBeGreaterThan(level);
  });
});

describe('what is wrong is seen', () => {
  test.each(Object.entries(wrong))('%s', async (name, { like, ensemble }) => {
    const found = await fits(like, many, sampling(like), { ensemble, stress: 'volumes' in known[like] });
    report.wrong[name] = found;
    expect(Math.min(...Object.values(found))).toBeLessThan(level);
  });
});

interface Ratio {
  readonly slope: number;
  readonly error: number;
}

/** b of ln(p₂(x)/p₁(x)) = a + b·x, in units of what theory has for it, and its standard error. */
async function ratio(
  name: KnownName,
  [first, second]: readonly [object, object],
  see: (dynamics: Dynamics) => Float64Array,
  expected: number,
  ensemble?: MakeEnsemble,
): Promise<Ratio> {
  const { options, system, structure } = known[name];
  const structures = Array.from({ length: many }, () => structure);
  const samples: number[][] = [];
  for (const change of [first, second]) {
    const all = { ...options, ...(ensemble && { ensemble, stress: true }), ...change };
    samples.push(await sampled(system(structures), all, { ...sampling(name), samples: 8 }, see));
  }
  const { slope, error } = slopeOfRatio(samples[0]!, samples[1]!);
  return { slope: slope / expected, error: error / Math.abs(expected) };
}

describe('two temperatures stand to each other as they should', () => {
  const hotter = 1.15 * temperature;
  const temperatures = [{ temperature }, { temperature: hotter }] as const;
  const expected = 1 / kT - 1 / (boltzmannConstant * hotter);
  const energies = ({ energies: potential, kineticEnergies }: Dynamics): Float64Array =>
    kineticEnergies.map((kinetic, g) => kinetic + potential[g]!);
  test.each(['nvt', 'nvt-csvr', 'nvt-nh'] as const)('%s', async (name) => {
    const { slope, error } = (report.temperatures[name] = await ratio(name, temperatures, energies, expected));
    expect(error).toBeLessThan(0.25);
    expect(Math.abs(slope - 1)).toBeLessThan(4 * error);
  });

  test('rescaling without noise is seen', async () => {
    const quiet = changed('nvt-csvr', ({ streams }) => ({
      streams: streams.map((one) => louder(one, [0], 0, 'thermostat')),
    }));
    const found = await ratio('nvt-csvr', temperatures, energies, expected, quiet);
    report.temperatures['nvt-csvr without noise'] = found;
    const { slope, error } = found;
    expect(Math.abs(slope - 1)).toBeGreaterThan(4 * error);
  });
});

describe('two pressures stand to each other as they should', () => {
  const pressures = [{ pressure: 0 }, { pressure: pressure / gigapascal }] as const;
  const expected = -pressure / kT;
  const volumes = (dynamics: Dynamics): Float64Array => dynamics.volumes;
  const names = ['npt, rescaled velocities', 'npt, Langevin', 'npt, anisotropic', 'npt-mtk'] as const;
  test.each(names)('%s', async (name) => {
    const { slope, error } = (report.pressures[name] = await ratio(name, pressures, volumes, expected));
    expect(error).toBeLessThan(0.25);
    expect(Math.abs(slope - 1)).toBeLessThan(4 * error);
  });

  test('a barostat without noise is seen', async () => {
    const quiet = changed('npt', ({ streams }) => ({ streams: streams.map((one) => louder(one, [0], 0)) }));
    const found = await ratio('npt, rescaled velocities', pressures, volumes, expected, quiet);
    report.pressures['npt without noise'] = found;
    const { slope, error } = found;
    expect(Math.abs(slope - 1)).toBeGreaterThan(4 * error);
  });
});
