// Scripts of the root: the counting behind the last line of `npm test`, where nothing that went wrong may look like success; and `pack`.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closingLine, countTurbo, countVitest, sum } from '../scripts/lib/count.mjs';
import { node, root } from './support/workspace.js';

const report = (
  counts: { passed?: number; failed?: number; pending?: number; todo?: number },
  files: string[][] = [],
) => ({
  numPassedTests: counts.passed ?? 0,
  numFailedTests: counts.failed ?? 0,
  numPendingTests: counts.pending ?? 0,
  numTodoTests: counts.todo ?? 0,
  testResults: files.map(([status = '', ...results]) => ({
    status,
    assertionResults: results.map((result) => ({ status: result })),
  })),
});

describe('counting', () => {
  it('takes the numbers of a clean run', () => {
    expect(countVitest(report({ passed: 5, pending: 1, todo: 1 }), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
  });

  it('counts a file that could not be loaded, and one with a failed test once', () => {
    const files = [['failed'], ['failed', 'failed', 'passed'], ['passed', 'passed']];
    expect(countVitest(report({ passed: 2, failed: 1 }, files), 1).failed).toBe(2);
  });

  it('counts a run that ended badly without a failed test, or without a report', () => {
    expect(countVitest(report({ passed: 2 }), 1).failed).toBe(1);
    expect(countVitest(undefined, 0).failed).toBe(1);
  });

  it('counts a check that failed or never ran', () => {
    const tasks = [
      { taskId: '//#a', execution: { exitCode: 0 } },
      { taskId: '//#b', execution: { exitCode: 2 } },
    ];
    expect(countTurbo({ tasks }, ['a', 'b', 'c'])).toEqual({ passed: 1, failed: 2, skipped: 0 });
    expect(countTurbo(undefined, ['a'])).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('adds up and prints the plain line', () => {
    const counts = [
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 0, skipped: 0 },
    ];
    expect(closingLine(sum(counts))).toBe('11 passed, 2 failed, 3 skipped');
  });
});

describe('pack', () => {
  it('refuses a name that is no package before it packs anything', () => {
    const folder = join(tmpdir(), `mace pack ${process.pid}`);
    const { code, stdout, stderr } = node([join(root, 'scripts', 'pack.mjs'), folder, 'core', 'backend-wsam']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^backend-wsam is no package here\. There are: .*\bbackend-wasm\b.*\.\n$/);
    expect(existsSync(folder)).toBe(false);
  });
});
