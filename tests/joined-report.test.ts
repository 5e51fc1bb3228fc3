// The whole kit may run in parts, each in a browser of its own: the report of all is that of one run.
import { expect, it } from 'vitest';
import { runConformance, type Report } from '@mace/conformance';
import { reference } from '@mace/core';
import { joinedReport } from '../scripts/lib/joined-report.mjs';

const parts = ['ops/add', 'ops/mul', 'values/pow', 'golden/stages/B'];
const limitations = [{ check: 'ops/mul/*', reason: 'none', cause: 'a test', since: 'now' }];

it('the report of parts says what one run says', async () => {
  const run = (only: readonly string[]): Promise<Report> =>
    runConformance(reference(), { precision: 'f32', only, limitations });
  const whole = await run(parts);
  const reports: Report[] = [];
  for (const part of parts) reports.push(await run([part]));
  expect(whole.failed).toBeGreaterThan(0);
  const passed = joinedReport(reports).notable.filter(({ status }) => status === 'passed');
  expect(passed.length).toBeLessThanOrEqual(10);
  expect(comparable(joinedReport(reports))).toEqual(comparable(whole));
});

it('where a backend is absent, nothing else is said', () => {
  const absent = { absent: { reason: 'no device' } } as Report;
  expect(joinedReport([absent, absent])).toBe(absent);
});

/** All but what differs between runs: times, and with them which cases were slow. */
function comparable({ seconds: _, only: __, notable, ...rest }: Report): object {
  const noticed = notable
    .filter(({ status }) => ['failed', 'limited'].includes(status))
    .map(({ path, status }) => [path, status]);
  return { ...rest, noticed };
}
