/** What a report says as text beyond cells that pass: absence, limitations, long lists of failures, several contracts. */
import { expect, test } from 'vitest';
import {
  formatReport,
  formatReports,
  mergeReports,
  supportTable,
  type CaseResult,
  type Report,
} from '@mace/conformance';

const none = { passed: 0, failed: 0, limited: 0, unavailable: 0 };

function reportOf(change: Partial<Report>): Report {
  return {
    kit: '1.0.0',
    contract: 1,
    backend: 'fast',
    device: 'a device',
    runtime: 'Node 20',
    precision: 'f64',
    configuration: {},
    date: '2026-01-01',
    seconds: 2,
    only: null,
    ...none,
    suites: {},
    errors: { reference: {}, rotation: {} },
    notable: [],
    ...change,
  };
}

function caseOf(path: string, status: CaseResult['status'], message: string): CaseResult {
  return { path, status, worst: null, problems: [{ check: 'values', message }], seconds: 0 };
}

test('a backend that is absent is below the table of the others, with what to do', () => {
  const absent = { reason: 'no adapter was found.', remedy: 'Install a Vulkan driver.' };
  const suites = { ops: { ...none, passed: 3, worst: 0.5 } };
  expect(
    formatReports([
      reportOf({ suites, passed: 3 }),
      reportOf({ backend: 'gpu', device: 'none', absent, unavailable: 3 }),
    ]),
  ).toMatchInlineSnapshot(`
    "conformance 1.0.0 · contract 1

                  fast f64
                  (a device)
    ops  3 cases  0.50

    gpu did not run: no adapter was found. Install a Vulkan driver.

    fast f64: 3 passed, 0 failed, 0 limited, 0 unavailable, 2.0 s
    gpu f64: 0 passed, 0 failed, 0 limited, 3 unavailable, 2.0 s"
  `);
});

test('limited and failed cases share a cell, and each has its list', () => {
  const report = reportOf({
    passed: 1,
    failed: 1,
    limited: 2,
    suites: {
      contract: { ...none, unavailable: 4, worst: null },
      ops: { passed: 1, failed: 1, limited: 2, unavailable: 0, worst: 9 },
    },
    notable: [
      caseOf('ops/pow/a', 'limited', 'off'),
      caseOf('ops/add/b', 'failed', 'off by one'),
      caseOf('ops/pow/c', 'limited', 'off'),
      { ...caseOf('ops/exp/d', 'passed', ''), problems: [] },
    ],
  });
  expect(formatReport(report)).toMatchInlineSnapshot(`
    "conformance 1.0.0 · contract 1

                       fast f64
                       (a device)
    contract  4 cases  —
    ops       4 cases  1 failed, 2 limited

    failures of fast f64:
    ops/add/b
      off by one

    known limitations of fast f64:
      ops/pow/a
      ops/pow/c

    fast f64: 1 passed, 1 failed, 2 limited, 0 unavailable, 2.0 s"
  `);
});

test('the first twenty failures are shown, the rest counted', () => {
  const notable = Array.from({ length: 23 }, (_, i) => caseOf(`ops/add/${i}`, 'failed', `message ${i}`));
  const text = formatReport(reportOf({ failed: 23, suites: { ops: { ...none, failed: 23, worst: 1 } }, notable }));
  expect(text).toContain('  message 19\n… and 3 more.');
  expect(text).not.toContain('message 20');
});

test('a long device name is cut, in the table only', () => {
  const device = 'A graphics card with a very long name, revision 7';
  const report = reportOf({ device, suites: { ops: { ...none, passed: 1, worst: null } }, passed: 1 });
  expect(formatReport(report)).toContain('(A graphics card with a …)');
  expect(supportTable([report])).toContain(`| ${device} |`);
});

test('no reports', () => {
  expect(formatReports([])).toBe('No backend was asked.');
  expect(mergeReports([])).toEqual([]);
});

test('merging keeps precisions and configurations apart, and of the same day the later one', () => {
  const merged = mergeReports([
    reportOf({ passed: 1 }),
    reportOf({ precision: 'f32' }),
    reportOf({ configuration: { passes: 'none' } }),
    reportOf({ passed: 2 }),
  ]);
  expect(merged.map(({ precision, configuration, passed }) => [precision, configuration, passed])).toEqual([
    ['f32', {}, 0],
    ['f64', { passes: 'none' }, 0],
    ['f64', {}, 2],
  ]);
});

test('a support table leaves absent backends out, and counts limited cases as not passed', () => {
  const table = supportTable([
    reportOf({ backend: 'gpu', absent: { reason: 'none here' } }),
    reportOf({ passed: 8, limited: 2, unavailable: 5, errors: { reference: { energy: 0 }, rotation: {} } }),
  ]);
  expect(table).toMatchInlineSnapshot(`
    "| backend | device | runtime | precision | passed | energies (eV/atom) | forces (eV/Å) | equivariance (eV/Å) | limitations | date | sources |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | fast | a device | Node 20 | f64 | 8 of 10 | 0 | — | — | 2 | 2026-01-01 | — |"
  `);
});
