// The committed report of tables on 1,000 frames (tables.long.ts): there, within its gates and of this month.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { read, root } from '../support/workspace.js';
import { gates, problemsOf, type TablesReport } from './tables-report.js';

const path = 'benchmarks/results/tables.json';
const daysOfAReport = 30;

describe('committed report of tables', () => {
  const report = JSON.parse(read(path)) as TablesReport;

  test('is of all frames, and within the gates', () => {
    expect([report.frames, report.reference.frames]).toEqual([1000, 20]);
    expect(report.gates).toEqual(gates);
    expect(problemsOf(report)).toEqual([]);
    expect(report.tables.f64.length).toBeGreaterThan(0);
  });

  test('is not older than a month', () => {
    const age = (lastCommit().getTime() - Date.parse(report.date)) / 86_400_000;
    expect(age, `run npm run test:long -- tests/accuracy and commit ${path}`).toBeLessThan(daysOfAReport);
  });

  test('is judged: errors, too few frames and what is not a number are problems', () => {
    expect(problemsOf({ ...report, frames: 0 })).toEqual(['no frames']);
    const forces = { ...report.f64.forces, max: 2e-7 };
    expect(problemsOf({ ...report, f64: { ...report.f64, forces } })[0]).toMatch(/^f64 tables, forces/);
    const tables = { ...report.f32.tables, rms: Number.NaN };
    expect(problemsOf({ ...report, f32: { ...report.f32, tables } })[0]).toMatch(/^f32 tables/);
  });
});

/** Not today: an old clone stays right. Without git, the report is as new as it can be. */
function lastCommit(): Date {
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%cI'], { cwd: root, encoding: 'utf8' });
  return stdout ? new Date(stdout.trim()) : new Date(0);
}
