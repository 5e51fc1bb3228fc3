/**
 * Runs cases one after another: a time-out for each, no case may take the others down, memory is counted after each.
 */
import { isMaceError } from '@mace/core';
import { contractVersion, type BackendDefinition, type Precision } from '@mace/core/backend';
import { suites } from './suites/index.js';
import { checkCase } from './checks/index.js';
import { matches, suiteNames, type Case, type Verdict } from './case.js';
import type { GoldenEntry } from './golden/entry.js';
import { judge, type Limitation } from './limitations.js';
import { countsOf, largestMeasured, summarize, type CaseResult, type Report } from './report/report.js';
import { TimeoutError, now, runtimeName, withTimeout } from './runtime.js';
import { Subject, type Configuration } from './subject.js';
import type { TestedPrecision } from './tolerance.js';
import { thrownText } from './thrown.js';
import { kitVersion } from './version.js';

/** Those that run unless others are asked for. */
const everySuite = suiteNames.filter((name) => name !== 'soak');

/** After which a case hangs. */
const hangSeconds = 600;

export interface ConformanceOptions {
  /** Default: the first of f64 and f32 that the backend claims. */
  readonly precision?: TestedPrecision;
  /** Path patterns: `physics`, `ops/add`, `ops/add`. Default: every suite but `soak`. */
  readonly only?: readonly string[];
  readonly limitations?: readonly Limitation[];
  /** Default 600: a case may be ninety runs on a slow device. A case that takes longer is reported as hanging, and the next gets a new backend. */
  readonly timeoutSeconds?: number;
  /** Which fusions and passes are on. Default: all, as users get them. */
  readonly configuration?: Configuration;
  /** Golden cases beside those in the package, such as large models. */
  readonly golden?: readonly GoldenEntry[];
  readonly onCase?: (result: CaseResult, done: number, total: number) => void;
  readonly cancellation?: { readonly aborted: boolean };
}

/**
 * Runs the kit on a backend and says what it found; it never throws for what the backend does.
 *
 * @throws RangeError for an `only` that selects nothing
 */
export async function runConformance(definition: BackendDefinition, options: ConformanceOptions = {}): Promise<Report> {
  const began = now();
  const cases = selectCases(options.only ?? null, options.golden ?? []);
  const met = await meet(definition, options.timeoutSeconds ?? hangSeconds);
  const precision = options.precision ?? (['f64', 'f32'] as const).find((one) => met.precisions.includes(one)) ?? 'f64';
  const absent =
    met.absent ??
    (met.precisions.includes(precision)
      ? undefined
      : { reason: `${definition.name} computes in ${met.precisions.join(' and ')}, not in ${precision}.` });
  const results: CaseResult[] = [...met.results];
  if (!absent) {
    const runner = new CaseRunner(definition, precision, options);
    for (const one of cases) {
      if (options.cancellation?.aborted) break;
      const result = await runner.run(one);
      results.push(result);
      options.onCase?.(result, results.length, cases.length);
    }
    await runner.dispose();
  }
  const measured = (...laws: string[]): ReturnType<typeof largestMeasured> =>
    largestMeasured(
      results
        .filter(({ path }) => laws.some((law) => matches(path, `physics/${law}`)))
        .map((result) => result.measured),
    );
  return {
    kit: kitVersion,
    contract: contractVersion,
    backend: definition.name,
    device: met.device,
    runtime: runtimeName(),
    precision,
    configuration: options.configuration ?? {},
    date: new Date().toISOString().slice(0, 10),
    only: options.only ?? null,
    ...(absent && { absent }),
    ...countsOf(results),
    ...(absent && { unavailable: cases.length }),
    seconds: now() - began,
    suites: summarize(results),
    errors: { reference: measured('reference'), rotation: measured('rotation', 'reflection') },
    unavailableBecause: reasons(results),
    notable: notable(results),
  };
}

function reasons(results: readonly CaseResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { unavailable } of results)
    if (unavailable !== undefined) counts[unavailable] = (counts[unavailable] ?? 0) + 1;
  return counts;
}

/**
 * The cases of a run, for callers that run them one by one, such as a test runner.
 *
 * @param except - patterns of cases to leave out
 * @throws RangeError for an `only` that selects nothing
 */
export function selectCases(
  only: readonly string[] | null,
  golden: readonly GoldenEntry[] = [],
  except: readonly string[] = [],
): readonly Case[] {
  const covered = (path: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matches(path, pattern));
  const cases = suiteNames
    .filter((name) => (only ?? everySuite).some((pattern) => matches(name, pattern.split('/')[0]!)))
    .flatMap((name) => suites[name](golden));
  for (const pattern of only ?? []) {
    if (!cases.some(({ path }) => matches(path, pattern)))
      throw new RangeError(
        `no case matches ${pattern}. A path starts with a suite (${suiteNames.join(', ')}), for instance ops/add or physics/rotation/*.`,
      );
  }
  return lastMarked(cases.filter(({ path }) => covered(path, only ?? everySuite) && !covered(path, except)));
}

/** After the last case of a graph its memory is counted. */
function lastMarked(cases: readonly Case[]): readonly Case[] {
  return cases.map((one, i) => {
    const next = cases[i + 1];
    const last = one.kind === 'graph' && !(next?.kind === 'graph' && next.example === one.example);
    return last ? { ...one, last } : one;
  });
}

/** Runs single cases on one backend, made anew after a case that hangs. */
export class CaseRunner {
  readonly #subject: Subject;
  /** Memory in use before the present case, or the first of those that share what is compiled. */
  #before = { liveBytes: 0, liveBuffers: 0 };

  constructor(
    definition: BackendDefinition,
    precision: TestedPrecision,
    readonly options: Pick<ConformanceOptions, 'limitations' | 'timeoutSeconds' | 'configuration'> = {},
  ) {
    this.#subject = new Subject(definition, precision, options.configuration);
  }

  async run(one: Case): Promise<CaseResult> {
    const began = now();
    const verdict = await this.#verdict(one);
    const seconds = now() - began;
    const { path } = one;
    const extra = verdict.measured ? { measured: verdict.measured } : {};
    if (verdict.unavailable !== undefined)
      return { path, status: 'unavailable', worst: null, problems: [], unavailable: verdict.unavailable, seconds };
    return { path, worst: verdict.worst, seconds, ...extra, ...judge(path, verdict, this.options.limitations ?? []) };
  }

  async dispose(): Promise<void> {
    await withTimeout(this.#subject.dispose(), 10, 'dispose').catch(() => {});
  }

  async #verdict(one: Case): Promise<Verdict> {
    const limit = this.options.timeoutSeconds ?? hangSeconds;
    try {
      return await withTimeout(this.#counted(one), limit, one.path);
    } catch (error) {
      const hung = error instanceof TimeoutError;
      if (hung || (isMaceError(error) && error.code === 'device')) this.#subject.renew();
      return { worst: null, problems: [{ check: hung ? 'hangs' : 'throws', message: thrownText(error) }] };
    }
  }

  /** The verdict, and whether the case gave back what it took. */
  async #counted(one: Case): Promise<Verdict> {
    // Physics shares compiled models between cases; whether calculators give back what they took is seen in `golden`.
    if (one.kind === 'physics') return checkCase(this.#subject, one);
    const shares = one.kind === 'graph' && this.#subject.keeps(one.example);
    if (!shares) {
      await this.#subject.release();
      this.#before = (await this.#subject.backend()).memory();
    }
    const verdict = await checkCase(this.#subject, one);
    if (one.kind === 'graph' && !one.last) return verdict;
    await this.#subject.release();
    const [before, after] = [this.#before, (await this.#subject.backend()).memory()];
    if (after.liveBytes <= before.liveBytes && after.liveBuffers <= before.liveBuffers) return verdict;
    const message = `${after.liveBytes - before.liveBytes} bytes in ${after.liveBuffers - before.liveBuffers} buffers stayed after everything was disposed.`;
    return { ...verdict, problems: [...verdict.problems, { check: 'leak', message }] };
  }
}

/** What is known of a backend before the first case. */
interface Meeting {
  readonly device: string;
  readonly precisions: readonly Precision[];
  readonly absent?: { readonly reason: string; readonly remedy?: string };
  /** A probe and a creation that both fail are a failure, not an absence. */
  readonly results: readonly CaseResult[];
}

/** Probes; where that fails, which it must not, the backend itself says what it is. */
async function meet(definition: BackendDefinition, seconds: number): Promise<Meeting> {
  const nothing = { device: 'none', precisions: [], results: [] };
  if (definition.contract !== contractVersion) {
    const reason = `${definition.name} follows contract ${String(definition.contract)}; this kit tests contract ${contractVersion}.`;
    return { ...nothing, absent: { reason, remedy: 'Install versions that belong together.' } };
  }
  try {
    const availability = await withTimeout(definition.probe(), seconds, 'probe');
    if (!availability.available) {
      const { reason, remedy } = availability;
      return { ...nothing, absent: { reason, ...(remedy !== undefined && { remedy }) } };
    }
    return { device: availability.device, precisions: availability.capabilities.precisions, results: [] };
  } catch (error) {
    try {
      const backend = await withTimeout(definition.create(), seconds, 'create');
      const { device, capabilities } = backend;
      await withTimeout(backend.dispose(), seconds, 'dispose');
      return { device, precisions: capabilities.precisions, results: [] };
    } catch {
      const message = `probe failed, which it must not: ${thrownText(error)} Nothing could be created either.`;
      const problems = [{ check: 'contract/probe/resolves', message }];
      const path = 'contract/probe/resolves';
      const result: CaseResult = { path, status: 'failed', worst: null, problems, seconds: 0 };
      return { ...nothing, absent: { reason: message }, results: [result] };
    }
  }
}

/** What did not pass, and the slowest. */
function notable(results: readonly CaseResult[]): CaseResult[] {
  const slowest = new Set([...results].sort((a, b) => b.seconds - a.seconds).slice(0, 10));
  return results.filter((result) => result.status === 'failed' || result.status === 'limited' || slowest.has(result));
}
