/** Reports as text for people: suites down, backends across, and below what did not pass. */
import { suiteNames, type Measured, type SuiteName } from '../case.js';
import type { Configuration } from '../subject.js';
import type { CaseResult, Report, SuiteSummary } from './report.js';

/** Failures shown in full; the rest is counted. */
const shownFailures = 20;

/** One report as text. */
export function formatReport(report: Report): string {
  return formatReports([report]);
}

/** Several reports side by side. A cell is the worst error as a fraction of its tolerance, or what went wrong. */
export function formatReports(reports: readonly Report[]): string {
  const [first] = reports;
  if (!first) return 'No backend was asked.';
  const present = reports.filter(({ absent }) => !absent);
  const sections = [
    `conformance ${first.kit} · contract ${first.contract}`,
    ...(present.length > 0 ? [table(present), ...answers(present)] : []),
    ...reports.flatMap(absence),
    ...present.flatMap(failures),
    ...present.flatMap(limited),
    ...present.flatMap(unavailable),
    reports.map(closing).join('\n'),
  ];
  return sections.join('\n\n');
}

function table(reports: readonly Report[]): string {
  const suites = suiteNames.filter((name) => reports.some((report) => report.suites[name]));
  const rows = [
    ['', '', ...reports.map(({ backend, precision }) => `${backend} ${precision}`)],
    ['', '', ...reports.map(({ device }) => `(${shortened(device, 24)})`)],
    ...(reports.some(isConfigured) ? [['', '', ...reports.map(({ configuration }) => switches(configuration))]] : []),
    ...suites.map((name) => [
      name,
      `${casesOf(reports, name)} cases`,
      ...reports.map((report) => cell(report.suites[name])),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function isConfigured({ configuration }: Report): boolean {
  return Object.keys(configuration).length > 0;
}

/** `passes none`: what is not as users get it. */
function switches(configuration: Configuration): string {
  return Object.entries(configuration)
    .map(([name, choice]) => `${name} ${typeof choice === 'string' ? choice : choice.join('+')}`)
    .join(', ');
}

function cell(suite: SuiteSummary | undefined): string {
  if (!suite) return '—';
  const wrong = [
    ...(suite.failed > 0 ? [`${suite.failed} failed`] : []),
    ...(suite.limited > 0 ? [`${suite.limited} limited`] : []),
  ];
  if (wrong.length > 0) return wrong.join(', ');
  if (suite.passed === 0) return '—';
  return suite.worst === null ? 'ok' : suite.worst.toFixed(2);
}

/** The three things that people ask: are the energies right, are the forces right, does a rotation change anything. */
function answers(reports: readonly Report[]): string[] {
  const lines = reports
    .filter(({ errors }) => errors.reference.energy !== undefined || errors.rotation.energy !== undefined)
    .map(({ backend, precision, errors: { reference, rotation } }) =>
      [
        `${backend} ${precision}`,
        `energies ${number(reference.energy)} eV/atom`,
        `forces ${number(reference.forces)} eV/Å`,
        `equivariance ${number(rotation.energy)} eV, ${number(rotation.forces)} eV/Å`,
      ].join(' | '),
    );
  if (lines.length === 0) return [];
  const title = 'largest errors, against the reference and under rotations and reflections:';
  return [[title, ...lines.map((line) => `  ${line}`)].join('\n')];
}

function absence({ backend, absent }: Report): string[] {
  if (!absent) return [];
  return [`${backend} did not run: ${absent.reason}${absent.remedy ? ` ${absent.remedy}` : ''}`];
}

function failures(report: Report): string[] {
  const failed = report.notable.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return [];
  const rest = failed.length - shownFailures;
  return [
    [
      `failures of ${report.backend} ${report.precision}:`,
      ...failed.slice(0, shownFailures).map(described),
      ...(rest > 0 ? [`… and ${rest} more.`] : []),
    ].join('\n'),
  ];
}

function limited(report: Report): string[] {
  const cases = report.notable.filter(({ status }) => status === 'limited');
  if (cases.length === 0) return [];
  return [
    [`known limitations of ${report.backend} ${report.precision}:`, ...cases.map(({ path }) => `  ${path}`)].join('\n'),
  ];
}

function unavailable({ backend, precision, unavailableBecause = {} }: Report): string[] {
  const reasons = Object.entries(unavailableBecause);
  if (reasons.length === 0) return [];
  return [
    [
      `unavailable to ${backend} ${precision}: cases about what it does not promise, which is no fault:`,
      ...reasons.map(([reason, count]) => `  ${count} × ${reason}`),
    ].join('\n'),
  ];
}

function described({ path, problems }: CaseResult): string {
  const lines = problems.flatMap(({ message }) => message.split('\n'));
  return [path, ...lines.map((line) => `  ${line}`)].join('\n');
}

function closing({ backend, precision, passed, failed, limited: known, unavailable: apart, seconds }: Report): string {
  return `${backend} ${precision}: ${passed} passed, ${failed} failed, ${known} limited, ${apart} unavailable, ${seconds.toFixed(1)} s`;
}

function casesOf(reports: readonly Report[], name: SuiteName): number {
  return Math.max(
    ...reports.map(({ suites }) => {
      const suite = suites[name];
      return suite ? suite.passed + suite.failed + suite.limited + suite.unavailable : 0;
    }),
  );
}

/** An error in two digits. */
export function number(value: Measured['energy']): string {
  return value === undefined ? '—' : value === 0 ? '0' : value.toExponential(1);
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
