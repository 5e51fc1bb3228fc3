// What the suites that take hours last measured: committed reports, which say that all was well and which sources they speak for.
import { describe, expect, it } from 'vitest';
import { backendList } from '../apps/playground/src/engine/backend-list.js';
import { ensembles } from '../packages/sim/src/options.js';
import { known, wrong } from '../packages/sim/src/testing/known-ensembles.js';
import { hashOfSources } from '../scripts/lib/sources.mjs';
import { read } from './support/workspace.js';

interface Fitted {
  readonly slope: number;
  readonly error: number;
}
const report = <T>(path: string): T & { date: string; sources: string } => JSON.parse(read(path)) as never;
const killed = report<{ report: { verb: string; ensemble?: string; killed: number; same: boolean }[] }>(
  'packages/cli/test/reports/killed-runs.json',
);
const theory = report<{
  level: number;
  distributions: Record<string, Record<string, number>>;
  wrong: Record<string, Record<string, number>>;
  temperatures: Record<string, Fitted>;
  pressures: Record<string, Fitted>;
}>('packages/sim/test/reports/ensembles.json');
const long = report<{
  million: { steps: number; atoms: number; megabytes: number[] };
  f32: { steps: number; atoms: number; drift: number };
  f64: { steps: number; atoms: number; drift: number; error: number };
}>('tests/reports/long-dynamics.json');
const pageMemory = report<{ held: Record<'step' | 'heap' | 'page' | 'worker' | 'nodes' | 'listeners', number>[] }>(
  'tests/reports/playground-memory.json',
);
const pageBackends = report<{
  backends: Record<'name' | 'verdict' | 'energy' | 'sameEnergy' | 'sameLargestForce' | 'forceDifference', unknown>[];
}>('tests/reports/playground-backends.json');

describe('runs that were killed', () => {
  it('were dynamics in every ensemble, relaxations and evaluations, twenty times each, and ended with the same bytes', () => {
    const names = killed.report.map(({ verb, ensemble }) => ensemble ?? verb);
    expect(names).toEqual(expect.arrayContaining([...Object.keys(ensembles), 'relax', 'eval']));
    for (const one of killed.report) expect(one).toMatchObject({ killed: 20, same: true });
  });
});

describe('ensembles against theory', () => {
  const least = (found: Record<string, number>): number => Math.min(...Object.values(found));

  it('are all as theory has them, and the wrong ones are not', () => {
    expect(Object.keys(theory.distributions)).toEqual(Object.keys(known));
    expect(Object.keys(theory.wrong)).toEqual(Object.keys(wrong));
    for (const found of Object.values(theory.distributions)) expect(least(found)).toBeGreaterThan(theory.level);
    for (const found of Object.values(theory.wrong)) expect(least(found)).toBeLessThan(theory.level);
  });

  it('at two temperatures and pressures stand to each other as they should', () => {
    for (const [name, { slope, error }] of Object.entries({ ...theory.temperatures, ...theory.pressures }))
      if (name.endsWith('without noise')) expect(Math.abs(slope - 1), name).toBeGreaterThan(4 * error);
      else expect(Math.abs(slope - 1), name).toBeLessThan(4 * error);
  });
});

describe('long dynamics', () => {
  it('of a million steps takes no more memory in the end', () => {
    const { steps, atoms, megabytes } = long.million;
    expect([steps, atoms]).toEqual([1_000_000, 21]);
    expect(megabytes.at(-1)).toBeLessThan(1.1 * megabytes[5]!);
  });

  it('of 64 waters keeps its energy', () => {
    expect(long.f32).toMatchObject({ steps: 100_000, atoms: 192 });
    expect(long.f64).toMatchObject({ steps: 10_000, atoms: 192 });
    expect(Math.abs(long.f32.drift)).toBeLessThan(5);
    expect(Math.abs(long.f64.drift)).toBeLessThan(4 * long.f64.error);
  });
});

describe('twenty minutes of dynamics in the playground', () => {
  it('hold no more in the last minutes than ten minutes before', () => {
    const { held } = pageMemory;
    expect(held.length).toBe(20);
    expect(held[19]!.step).toBeGreaterThan(held[9]!.step);
    // A whole period of the plots, whose points fill up and are thinned out.
    const least = (name: keyof (typeof held)[0], until: number): number =>
      Math.min(...held.slice(until - 4, until).map((one) => one[name]));
    for (const name of ['heap', 'page', 'worker', 'nodes', 'listeners'] as const)
      expect(least(name, 20), name).toBeLessThan(1.05 * least(name, 10));
  });
});

describe('every backend in the playground', () => {
  it('is there, agrees with the reference, and shows what the command line says', () => {
    expect(pageBackends.backends.map(({ name }) => name)).toEqual(backendList.map(({ name }) => name));
    for (const one of pageBackends.backends) {
      expect(one).toMatchObject({ verdict: 'agrees with the reference', sameEnergy: true, sameLargestForce: true });
      expect(one.forceDifference).toBeLessThan(1e-5);
    }
  });
});

it('say which of them are of the present sources', () => {
  for (const [name, { date, sources }, folders] of [
    [
      'killed runs',
      killed,
      ['packages/sim/src', 'packages/cli/src', 'packages/io/src/storage', 'packages/io/src/node'],
    ],
    ['ensembles', theory, ['packages/sim/src']],
    ['long dynamics', long, ['packages/sim/src']],
    ['memory of the playground', pageMemory, ['apps/playground/src', 'packages/viewer/src', 'packages/sim/src']],
    ['backends of the playground', pageBackends, ['apps/playground/src', 'packages/conformance/src']],
  ] as const) {
    expect(sources).toMatch(/^[0-9a-f]{64}$/);
    console.log(`${name}: ${date}, ${sources === hashOfSources(folders) ? 'of the present' : 'of earlier'} sources`);
  }
});
