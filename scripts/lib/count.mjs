// Adds up what the runners of `npm test` report, and writes the plain line it ends with.
/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * Counts of a vitest JSON report. A test file that could not be loaded, and a run that ended badly without a failed test
 * (an unhandled error, say), count as one failure each: neither may look like success.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] } | undefined} report - undefined if none was written
 * @param {number} exitCode
 * @returns {Count}
 */
export function countVitest(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((result) => result.status !== 'failed'),
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Counts of a turbo run summary: each task is one test. A task that never ran because turbo itself failed counts as failed.
 * @param {{ tasks: { taskId: string, execution?: { exitCode?: number | null } | null }[] } | undefined} summary
 * @param {string[]} expected - task names
 * @returns {Count}
 */
export function countTurbo(summary, expected) {
  const good = expected.filter((name) =>
    summary?.tasks.some((task) => task.taskId === `//#${name}` && task.execution?.exitCode === 0),
  );
  return { passed: good.length, failed: expected.length - good.length, skipped: 0 };
}

/**
 * The sum of counts.
 * @param {Count[]} counts
 * @returns {Count}
 */
export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/**
 * The closing line, plain: `N passed, N failed, N skipped`.
 * @param {Count} count
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
