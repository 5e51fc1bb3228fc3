/** `mace conform`: runs the conformance kit on backends and says what it found, to people or to programs. */
import { writeFileSync } from 'node:fs';
import { UnsupportedError } from '@mace/core';
import {
  agreement,
  formatReports,
  runConformance,
  selectCases,
  type Agreement,
  type GoldenEntry,
  type Report,
  type TestedPrecision,
} from '@mace/conformance';
import { backendNames, findBackend, type FoundBackend } from '../backends.js';
import { fixtureEntries } from '../golden-fixtures.js';
import { progressBar } from '../progress.js';

export interface ConformOptions {
  /** Names, separated by commas; all that the command line knows by default. */
  readonly backend?: string;
  readonly precision: TestedPrecision | 'both';
  readonly only?: readonly string[];
  readonly json: boolean;
  /** File for the reports as JSON. */
  readonly output?: string;
  readonly list: boolean;
  readonly timeout: number;
}

/** Sets exit code 1 unless something ran and nothing failed. */
export async function conform(options: ConformOptions): Promise<void> {
  const golden = goldenFixtures();
  const only = options.only && options.only.length > 0 ? options.only : undefined;
  const cases = selected(only, golden);
  if (options.list) {
    for (const path of cases) process.stdout.write(`${path}\n`);
    return;
  }
  const named = options.backend !== undefined;
  const found: FoundBackend[] = [];
  for (const name of options.backend?.split(',') ?? backendNames) found.push(await findBackend(name.trim()));
  const precisions = options.precision === 'both' ? (['f64', 'f32'] as const) : [options.precision];
  const reports: Report[] = [];
  for (const { definition, limitations } of found) {
    for (const precision of precisions) {
      const progress = progressBar(`${definition.name} ${precision}`, options.json, 'cases', cases.length);
      const report = await runConformance(definition, {
        precision,
        limitations,
        golden,
        timeoutSeconds: options.timeout,
        ...(only && { only }),
        onCase: (_result, done) => progress.update(done),
      });
      progress.stop();
      reports.push(report);
      if (options.json) process.stdout.write(`${JSON.stringify(line(report))}\n`);
    }
  }
  if (options.output !== undefined) writeFileSync(options.output, `${JSON.stringify(reports, null, 2)}\n`);
  const pairs = only ? [] : await agreements(found, reports, precisions);
  if (!options.json) process.stdout.write(`${[formatReports(reports), ...pairs.map(formatAgreement)].join('\n\n')}\n`);
  const ran = reports.filter(({ absent }) => !absent);
  const wrong =
    reports.some(({ failed }) => failed > 0) ||
    ran.length === 0 ||
    (named && ran.length < reports.length) ||
    pairs.some((one) => one.pairs.some(({ agrees }) => !agrees));
  if (wrong) process.exitCode = 1;
}

/** Paths of the selected cases. @throws UnsupportedError for a path that selects nothing */
function selected(only: readonly string[] | undefined, golden: readonly GoldenEntry[]): string[] {
  try {
    return selectCases(only ?? null, golden).map(({ path }) => path);
  } catch (error) {
    if (error instanceof RangeError) throw new UnsupportedError('op', `--only: ${error.message}`);
    throw error;
  }
}

/** What programs read: one line for each backend and precision. */
function line({ backend, device, precision, passed, failed, limited, unavailable, suites }: Report): object {
  return { backend, device, precision, passed, failed, limited, unavailable, suites };
}

/** Entries of the folder that MACE_FIXTURES names; without it the numbers in the kit are used alone, and that is said. */
function goldenFixtures(): GoldenEntry[] {
  const folder = process.env.MACE_FIXTURES;
  if (folder) return fixtureEntries(folder);
  process.stderr.write(
    'golden: the real models of MACE_FIXTURES are skipped; set it to their folder to include them.\n',
  );
  return [];
}

async function agreements(
  found: readonly FoundBackend[],
  reports: readonly Report[],
  precisions: readonly TestedPrecision[],
): Promise<Agreement[]> {
  const results: Agreement[] = [];
  for (const precision of precisions) {
    const present = found.filter(({ definition }) =>
      reports.some((report) => report.backend === definition.name && report.precision === precision && !report.absent),
    );
    if (present.length > 1)
      results.push(
        await agreement(
          present.map(({ definition }) => definition),
          { precision },
        ),
      );
  }
  return results;
}

function formatAgreement({ precision, pairs }: Agreement): string {
  const lines = pairs.map(
    ({ a, b, energy, forces, stress, worst, agrees }) =>
      `  ${a} and ${b}: dE ${energy.toExponential(1)} eV/atom, dF ${forces.toExponential(1)} eV/Å, dS ${stress.toExponential(1)} eV/Å³, ${worst.toFixed(2)} of what is allowed${agrees ? '' : ': THEY DISAGREE'}`,
  );
  return [`agreement in ${precision}, largest differences on the same edges:`, ...lines].join('\n');
}
