/** The kit's own parts: paths, tolerances, limitations, tables, merging, a run that is cancelled. */
import { describe, expect, test } from 'vitest';
import { reference } from '@mace/core';
import {
  defineLimitations,
  formatReports,
  kitVersion,
  matches,
  mergeReports,
  runConformance,
  sample,
  supportTable,
  type Report,
} from '@mace/conformance';
import { opGraphs } from '@mace/core/generators';
import { nodesOf } from '@mace/core/ir';
import manifest from '../package.json' with { type: 'json' };
import { broken } from './mutants/fault.js';
import { everyOp } from '../src/every-op.js';
import { judge } from '../src/limitations.js';
import { selectCases } from '../src/run.js';
import { largestDifference, toleranceOf } from '../src/tolerance.js';

test('the version is that of the package', () => {
  expect(kitVersion).toBe(manifest.version);
});

test('paths are matched part by part', () => {
  expect(matches('ops/add/add/65-rows', 'ops/add')).toBe(true);
  expect(matches('ops/add/add/65-rows', 'ops/*/*/65-rows')).toBe(true);
  expect(matches('ops/add/add/65-rows', 'ops/a')).toBe(false);
  expect(matches('ops/add', 'ops/add/add')).toBe(false);
});

test('what is selected, and what is left to another file', () => {
  const paths = (only: string[] | null, except: string[] = []): string[] =>
    selectCases(only, [], except).map(({ path }) => path);
  expect(paths(null).some((path) => path.startsWith('soak'))).toBe(false);
  expect([...paths(null, [...sample]), ...paths([...sample])].sort()).toEqual(paths(null).sort());
  expect(() => paths(['ops/nothing'])).toThrow('no case matches ops/nothing');
});

test('the graph of every op has every op', () => {
  const found = new Set(nodesOf(everyOp().graph).map(({ op }) => op));
  const all = opGraphs.map(({ op }) => op).filter((op) => op !== 'call');
  expect(all.filter((op) => !found.has(op))).toEqual([]);
});

describe('tolerances', () => {
  const exact = Float64Array.of(1, -1);

  test('are a factor times the noise, scaled to the precision, and never less than the last places', () => {
    const rounded = Float64Array.of(1 + 2 ** -20, -1);
    expect(toleranceOf('f32', 8, [{ exact, rounded }])).toBe(8 * 2 ** -20);
    expect(toleranceOf('f64', 8, [{ exact, rounded }])).toBe(8 * 2 ** -49);
    expect(toleranceOf('f32', 8, [{ exact, rounded: exact }])).toBe(8 * 4 * 2 ** -23);
  });

  test('a NaN is infinitely far from a number', () => {
    expect(largestDifference([1, NaN], [1, 2])).toBe(Infinity);
    expect(largestDifference([NaN], [NaN])).toBe(0);
    expect(largestDifference([Infinity], [Infinity])).toBe(0);
  });
});

describe('limitations', () => {
  const known = defineLimitations([{ check: 'ops/pow', reason: 'no negative base', cause: 'upstream', since: '1' }]);

  test('a known failure is limited, a known one that passes fails the run', () => {
    const broken = { worst: 2, problems: [{ check: 'values', message: 'off' }] };
    expect(judge('ops/pow/negative/1-rows', broken, known).status).toBe('limited');
    expect(judge('ops/add/add/0-rows', broken, known).status).toBe('failed');
    const fixed = judge('ops/pow/negative/1-rows', { worst: 0, problems: [] }, known);
    expect(fixed.status).toBe('failed');
    expect(fixed.problems[0]!.message).toContain('but it passes. Delete the entry ops/pow.');
  });

  test('an entry without a cause is refused', () => {
    expect(() => defineLimitations([{ check: 'ops', reason: 'slow', cause: '', since: '1' }])).toThrow(
      'give check, reason and cause',
    );
  });

  test('they show in the report', async () => {
    const report = await runConformance(reference(), {
      only: ['ops/add/add/0-rows'],
      limitations: [{ ...known[0]!, check: 'ops/add' }],
    });
    expect(report.failed).toBe(1);
    expect(formatReports([report])).toContain('Delete the entry ops/add.');
  });
});

describe('reports', () => {
  const some = (change: Partial<Report>): Report => ({
    kit: '1.0.0',
    contract: 1,
    backend: 'fast',
    device: 'a device',
    runtime: 'Node 20',
    precision: 'f32',
    configuration: {},
    date: '2026-01-01',
    seconds: 1.25,
    only: null,
    passed: 3,
    failed: 0,
    limited: 0,
    unavailable: 1,
    suites: {
      ops: { passed: 2, failed: 0, limited: 0, unavailable: 0, worst: 0.314 },
      physics: { passed: 1, failed: 0, limited: 0, unavailable: 1, worst: null },
    },
    errors: { reference: { energy: 1e-7, forces: 2e-6, stress: 0 }, rotation: { energy: 3e-8, forces: 4e-7 } },
    notable: [],
    ...change,
  });

  test('a table has suites down, backends across, and says what failed', () => {
    const failing = some({
      backend: 'slow',
      passed: 2,
      failed: 1,
      suites: { ops: { passed: 1, failed: 1, limited: 0, unavailable: 0, worst: 12 } },
      errors: { reference: {}, rotation: {} },
      notable: [
        {
          path: 'ops/add',
          status: 'failed',
          worst: 12,
          seconds: 0,
          problems: [{ check: 'values', message: 'off\nby one' }],
        },
      ],
    });
    expect(`\n${formatReports([some({}), failing])}\n`).toBe(`
conformance 1.0.0 · contract 1

                  fast f32    slow f32
                  (a device)  (a device)
ops      2 cases  0.31        1 failed
physics  2 cases  ok          —

largest errors, against the reference and under rotations and reflections:
  fast f32 | energies 1.0e-7 eV/atom | forces 2.0e-6 eV/Å | equivariance 3.0e-8 eV, 4.0e-7 eV/Å

failures of slow f32:
ops/add
  off
  by one

fast f32: 3 passed, 0 failed, 0 limited, 1 unavailable, 1.3 s
slow f32: 2 passed, 1 failed, 0 limited, 1 unavailable, 1.3 s
`);
  });

  test('merging keeps the newest of each device and refuses another contract', () => {
    const merged = mergeReports([some({ date: '2026-02-01', passed: 4 }), some({}), some({ device: 'another' })]);
    expect(merged.map(({ device, passed }) => [device, passed])).toEqual([
      ['a device', 4],
      ['another', 3],
    ]);
    expect(() => mergeReports([some({ contract: 3 as unknown as 2 })])).toThrow('this kit reads contracts 1 and 2');
  });

  test('a support table shows default configurations', () => {
    expect(
      supportTable([some({}), some({ configuration: { passes: 'none' } })])
        .split('\n')
        .slice(2),
    ).toEqual(['| fast | a device | Node 20 | f32 | 3 of 3 | 1.0e-7 | 2.0e-6 | 4.0e-7 | 0 | 2026-01-01 | — |']);
  });
});

test('a cancelled run ends, and reports what it did', async () => {
  const cancellation = { aborted: false };
  const report = await runConformance(reference(), {
    only: ['ops/add', 'ops/mul'],
    cancellation,
    onCase: (_result, done) => (cancellation.aborted = done === 3),
  });
  expect(report.passed).toBe(3);
});

test('a precision that a backend does not claim is an absence', async () => {
  const sound = reference();
  const single = {
    ...sound,
    probe: async () => {
      const availability = await sound.probe();
      if (!availability.available) throw new Error('the reference is always there');
      return { ...availability, capabilities: { ...availability.capabilities, precisions: ['f32' as const] } };
    },
  };
  const report = await runConformance(single, { precision: 'f64', only: ['ops/add'] });
  expect(report.absent?.reason).toBe('reference computes in f32, not in f64.');
});

test('a failure of a large graph is narrowed down to one op, one row and its numbers', async () => {
  const fault = broken({
    name: 'exp-off',
    caughtBy: [],
    node: (build, node, [x]) => (node.op === 'exp' ? build.scale(build.exp(x!), 1.001) : null),
  });
  const { notable } = await runConformance(fault, { only: ['ops/random/seed-3'], precision: 'f64' });
  const [problem] = notable[0]!.problems;
  expect(problem!.message).toContain('first wrong node: exp in ');
  expect(problem!.message).toMatch(
    /minimal case:\ngraph minimal[\s\S]*= exp x0[\s\S]*with atoms = 1, edges = 1, graphs = 1\nx0 = -?\d/,
  );
});
