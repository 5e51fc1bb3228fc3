/** Proves that a backend computes right. `runConformance` needs no test runner and nothing of Node. */
export { runConformance, selectCases, CaseRunner, type ConformanceOptions } from './run.js';
export { matches, suiteNames, type Case, type Measured, type Problem, type SuiteName, type Verdict } from './case.js';
export { sample, smallSample } from './sample.js';
export { defineLimitations, type Limitation } from './limitations.js';
export { agreement, type Agreement, type AgreementOptions } from './agreement.js';
export { formatReport, formatReports } from './report/table.js';
export { mergeReports, supportTable } from './report/merge.js';
export type { CaseResult, Counts, Report, SuiteSummary } from './report/report.js';
export { ceilings, factors, type TestedPrecision } from './tolerance.js';
export type { Configuration } from './subject.js';
export type { GoldenEntry } from './golden/entry.js';
export { kitVersion } from './version.js';
