/** `mace conform`: runs the conformance kit on backends and says what it found, to people or to programs. */
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
import { openOutput } from '@mace/io/node';
import { backendNames, findBackend, type FoundBackend } from '../backends/index.js';
import { complain, escapedJson, noteWritten, print, printBeside, printJson } from '../console.js';
import { fixtureEntries } from '../golden-fixtures.js';
import { progressBar } from '../progress.js';

export interface ConformOptions {
  /** Names, separated by commas; all that the command line knows by default. */
  readonly backend?: string;
  readonly precision: TestedPrecision | 'both';
  readonly only?: readonly string[];
  readonly json?: boolean;
  /** File for the reports as JSON. */
  readonly output?: string;
  readonly list?: boolean;
  readonly timeout: number;
}

/**
 * Sets exit code 1 unless something ran and nothing failed. A backend that was named must run; a precision that it does not
 * compute in counts only where that precision was asked for.
 */
export async function conform(options: ConformOptions): Promise<void> {
  const isJson = options.json === true;
  const output = options.output === undefined ? null : await openOutput(options.output, json);
  const tell = printBeside(output?.target, isJson);
  const golden = goldenFixtures();
  const only = options.only && options.only.length > 0 ? options.only : undefined;
  const cases = selected(only, golden);
  if (options.list) {
    print(cases.map((path) => `${path}\n`).join(''));
    return;
  }
  const found: FoundBackend[] = [];
  for (const name of options.backend?.split(',') ?? backendNames) found.push(await findBackend(name.trim()));
  const precisions = options.precision === 'both' ? (['f64', 'f32'] as const) : [options.precision];
  const perBackend: Report[][] = [];
  for (const { definition, limitations } of found) {
    const own: Report[] = [];
    for (const precision of precisions) {
      const progress = progressBar(`${definition.name} ${precision}`, isJson, tell, ['case', 'cases'], cases.length);
      const report = await runConformance(definition, {
        precision,
        limitations,
        golden,
        timeoutSeconds: options.timeout,
        ...(only && { only }),
        onCase: (_result, done) => progress.update(done),
      });
      progress.stop();
      own.push(report);
      if (options.json) printForPrograms(report);
    }
    perBackend.push(own);
  }
  const reports = perBackend.flat();
  if (output) {
    await output.write(`${escapedJson(reports, 2)}\n`);
    await output.close();
    noteWritten();
  }
  const agreements = only ? [] : await allAgreements(found, perBackend, precisions);
  const disagree = agreements.filter(({ pairs }) => pairs.some(({ agrees }) => !agrees));
  if (!options.json) tell(`${[formatReports(reports), ...agreements.map(formatAgreement)].join('\n\n')}\n`);
  else for (const one of disagree) complain(`${formatAgreement(one)}\n`);
  const ran = perBackend.map((own) => own.some(({ absent }) => !absent));
  const wrong =
    reports.some(({ failed }) => failed > 0) ||
    !ran.includes(true) ||
    (options.backend !== undefined && ran.includes(false)) ||
    disagree.length > 0;
  if (wrong) process.exitCode = 1;
}

const json = { name: 'JSON', endings: ['.json'], isText: true };

/** Paths of the selected cases. @throws UnsupportedError for a path that selects nothing */
function selected(only: readonly string[] | undefined, golden: readonly GoldenEntry[]): string[] {
  if (only?.some((pattern) => /^[\s/]*$/.test(pattern)))
    throw new UnsupportedError('op', '--only: the path is empty. Leave --only out to run everything.');
  try {
    return selectCases(only ?? null, golden).map(({ path }) => path);
  } catch (error) {
    if (error instanceof RangeError) throw new UnsupportedError('op', `--only: ${error.message}`);
    throw error;
  }
}

/** One line for each backend and precision; why one did not run goes to standard error, where it disturbs no program. */
function printForPrograms(report: Report): void {
  const { backend, device, precision, passed, failed, limited, unavailable, suites, absent } = report;
  const line = { backend, device, precision, passed, failed, limited, unavailable, suites };
  printJson(line);
  if (absent)
    complain(`${backend} ${precision} did not run: ${absent.reason}${absent.remedy ? ` ${absent.remedy}` : ''}\n`);
}

/** Entries of the folder that MACE_FIXTURES names; without it the numbers in the kit are used alone, and that is said. */
function goldenFixtures(): GoldenEntry[] {
  const folder = process.env.MACE_FIXTURES;
  if (folder) return fixtureEntries(folder);
  complain('golden: the real models of MACE_FIXTURES are skipped; set it to their folder to include them.\n');
  return [];
}

/** Of the backends that ran, where there is more than one; `reports` has a list for each backend. */
async function allAgreements(
  found: readonly FoundBackend[],
  reports: readonly (readonly Report[])[],
  precisions: readonly TestedPrecision[],
): Promise<Agreement[]> {
  const agreements: Agreement[] = [];
  for (const [i, precision] of precisions.entries()) {
    const present = found.filter((_, j) => !reports[j]![i]!.absent).map(({ definition }) => definition);
    if (present.length > 1) agreements.push(await agreement(present, { precision }));
  }
  return agreements;
}

function formatAgreement({ precision, pairs }: Agreement): string {
  const lines = pairs.map(
    ({ a, b, energy, forces, stress, worst, agrees }) =>
      `  ${a} and ${b}: dE ${energy.toExponential(1)} eV/atom, dF ${forces.toExponential(1)} eV/Å, dS ${stress.toExponential(1)} eV/Å³, ${worst.toFixed(2)} of what is allowed${agrees ? '' : ': THEY DISAGREE'}`,
  );
  return [`agreement in ${precision}, largest differences on the same edges:`, ...lines].join('\n');
}
