/**
 * All thermostats and barostats against theory, with more samples; two temperatures and two pressures against each other (physical
 * validation: Merz, Shirts, PLoS ONE 13, e0202764, 2018); and that each wrong one is told from the right one.
 */
import { describe, expect, test } from 'vitest';
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
const sampling = (name: KnownName): Sampling =>
  name === 'nvt-nh' || name === 'npt-mtk'
    ? { before: 600, samples: 12, every: 100 }
    : { before: 150, samples: 12, every: name.includes('bonds') ? 150 : 80 };

describe('kinetic energies, volumes and shapes have their distributions', () => {
  test.each(Object.keys(known) as KnownName[])('%s', { timeout: 300_000 }, async (name) => {
    const isSlow = name === 'npt, anisotropic' || name === 'npt of molecules with bonds';
    const found = await fits(name, isSlow ? 25 : 60, sampling(name));
    for (const [what, probability] of Object.entries(found)) expect(probability, what).toBeGreaterThan(level);
  });
});

describe('what is wrong is seen', () => {
  test.each(Object.entries(wrong))('%s', { timeout: 300_000 }, async (_, { like, ensemble }) => {
    const change = { ensemble, stress: 'volumes' in known[like] };
    // What is off by several standard deviations needs fewer samples.
    const isPlain = ['nvt-csvr', 'nvt-nh', 'npt, anisotropic'].includes(like);
    const found = await fits(like, isPlain ? 40 : 100, sampling(like), change);
    expect(Math.min(...Object.values(found))).toBeLessThan(level);
  });
});

/** b of ln(p₂(x)/p₁(x)) = a + b·x, in units of what theory has for it, and its standard error. */
async function ratio(
  name: KnownName,
  [first, second]: readonly [object, object],
  see: (dynamics: Dynamics) => Float64Array,
  expected: number,
  ensemble?: MakeEnsemble,
): Promise<{ readonly slope: number; readonly error: number }> {
  const { options, system, structure } = known[name];
  const many = Array.from({ length: 60 }, () => structure);
  const samples: number[][] = [];
  for (const change of [first, second]) {
    const all = { ...options, ...(ensemble && { ensemble, stress: true }), ...change };
    samples.push(await sampled(system(many), all, { ...sampling(name), samples: 8 }, see));
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
  test.each(['nvt', 'nvt-csvr', 'nvt-nh'] as const)('%s', { timeout: 300_000 }, async (name) => {
    const { slope, error } = await ratio(name, temperatures, energies, expected);
    expect(error).toBeLessThan(0.25);
    expect(Math.abs(slope - 1)).toBeLessThan(4 * error);
  });

  test('rescaling without noise is seen', { timeout: 300_000 }, async () => {
    const quiet = changed('nvt-csvr', ({ streams }) => ({
      streams: streams.map((one) => louder(one, [0], 0, 'thermostat')),
    }));
    const { slope, error } = await ratio('nvt-csvr', temperatures, energies, expected, quiet);
    expect(Math.abs(slope - 1)).toBeGreaterThan(4 * error);
  });
});

describe('two pressures stand to each other as they should', () => {
  const pressures = [{ pressure: pressure / gigapascal }, { pressure: (2 * pressure) / gigapascal }] as const;
  const expected = -pressure / kT;
  const volumes = (dynamics: Dynamics): Float64Array => dynamics.volumes;
  const names = ['npt, rescaled velocities', 'npt-mtk'] as const;
  test.each(names)('%s', { timeout: 300_000 }, async (name) => {
    const { slope, error } = await ratio(name, pressures, volumes, expected);
    expect(error).toBeLessThan(0.25);
    expect(Math.abs(slope - 1)).toBeLessThan(4 * error);
  });

  test('a barostat without noise is seen', { timeout: 300_000 }, async () => {
    const quiet = changed('npt', ({ streams }) => ({ streams: streams.map((one) => louder(one, [0], 0)) }));
    const { slope, error } = await ratio('npt, rescaled velocities', pressures, volumes, expected, quiet);
    expect(Math.abs(slope - 1)).toBeGreaterThan(4 * error);
  });
});
