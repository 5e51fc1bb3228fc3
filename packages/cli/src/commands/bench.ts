/**
 * `mace bench`: how long energy and forces take on a prepared graph. Neighbor lists, planning, tables and compilation are
 * done before the clock starts; several structures are one batch.
 */
import {
  createCalculator,
  FormatError,
  type Calculator,
  type EvaluateOptions,
  type PreparedStructures,
  type Structure,
} from '@mace/core';
import { benchmark, median, type BenchmarkFigures } from '@mace/core/benchmark';
import { readFrames } from '@mace/io/node';
import { backendNamed } from '../backends/index.js';
import { bundledModel, loadModel, structureFiles, type ToldOptions } from '../inputs.js';
import { withTables } from '../program/defaults.js';
import { print, printJson } from '../console.js';
import { distanceFunctionsText } from '../frame-text.js';

export interface BenchOptions extends ToldOptions {
  readonly model?: string;
  readonly structures?: string;
  readonly format?: string;
  readonly head?: string;
  readonly backend: string;
  readonly precision: 'f64' | 'f32';
  /** Functions of distance computed exactly; from tables otherwise. */
  readonly exact?: boolean;
  readonly tables?: boolean;
  /** Default what the backend takes. */
  readonly threads?: number;
  /** Runs that are timed. */
  readonly repeat: number;
  readonly profile?: boolean;
  readonly json?: boolean;
}

/** What one benchmark found; `--json` prints it. */
interface Report extends BenchmarkFigures {
  /** Multiply-adds of the median run over what the threads could do at best, measured here; null where the backend does not tell. */
  readonly shareOfPeak: number | null;
  /** Of one thread, two operations to a multiply-add. */
  readonly peakFlops: number | null;
  /** Of one run on one thread, largest first; with `--profile`. */
  readonly profile?: readonly KernelReport[];
  readonly model: string;
  readonly file: string;
}

interface KernelReport {
  readonly kernel: string;
  readonly usPerAtom: number;
  /** Of the time of all. */
  readonly share: number;
  /** Of one thread; null for kernels that only move and add. */
  readonly shareOfPeak: number | null;
}

/** @throws FormatError for a number of runs that is none, or a file without atoms */
export async function bench(options: BenchOptions): Promise<void> {
  const { repeat, precision } = options;
  const named = options.structures === undefined ? [] : [options.structures];
  const file = (await structureFiles(named, options.format)).at(-1)!;
  const structures = await readFrames(file, { format: options.format });
  if (!structures.some(({ numbers }) => numbers.length > 0))
    throw new FormatError(`--structures ${file}: there are no atoms in it. Give a file with at least one structure.`);
  const model = await loadModel(options.model, options);
  const backend = await backendNamed(options.backend, { threads: options.threads });
  const availability = await backend.probe();
  const threads = (availability.available && availability.capabilities.threads) || 1;
  const calculator = await createCalculator({ model, backend, precision, tables: withTables('bench', options) });
  try {
    const head = options.head === undefined ? {} : { head: options.head };
    const { figures, seconds, prepared } = await benchmark(calculator, structures, { repeat, threads, ...head });
    const names = { model: options.model ?? bundledModel, file };
    const peak = await calculator.peak();
    const profile = options.profile
      ? { profile: await profileOf(calculator, structures, { properties: ['forces'], ...head }, peak) }
      : {};
    const report = { ...figures, ...shareOf(prepared, median(seconds), peak, threads), ...profile, ...names };
    if (options.json) printJson(report);
    else print(reportText(report, prepared.withTables));
  } finally {
    await calculator.dispose();
  }
}

function shareOf(
  prepared: PreparedStructures,
  seconds: number,
  peak: number | null,
  threads: number,
): Pick<Report, 'shareOfPeak' | 'peakFlops'> {
  const cost = prepared.cost();
  if (cost === null || peak === null) return { shareOfPeak: null, peakFlops: null };
  return { shareOfPeak: cost.multiplyAdds / (seconds * peak * threads), peakFlops: 2 * peak };
}

/** What a backend that tells spends in each kernel, summed over a run. @throws UnsupportedError when it tells nothing */
async function profileOf(
  calculator: Calculator,
  structures: readonly Structure[],
  asked: EvaluateOptions,
  peak: number | null,
): Promise<readonly KernelReport[]> {
  const seconds = new Map<string, number>();
  const profile = (kernel: string, took: number): void => void seconds.set(kernel, (seconds.get(kernel) ?? 0) + took);
  const prepared = await calculator.prepare(structures, { ...asked, profile });
  await prepared.run();
  seconds.clear();
  await prepared.run();
  if (seconds.size === 0)
    throw new FormatError(
      `--profile: ${calculator.backend} does not say what its kernels take. Leave --profile out, or use --backend wasm.`,
    );
  const total = [...seconds.values()].reduce((a, b) => a + b, 0);
  const counts = prepared.cost()?.kernels ?? {};
  return [...seconds]
    .map(([kernel, took]) => ({
      kernel,
      usPerAtom: (1e6 * took) / prepared.atoms,
      share: took / total,
      shareOfPeak: peak !== null && counts[kernel] ? counts[kernel] / (took * peak) : null,
    }))
    .sort((a, b) => b.share - a.share);
}

function reportText(report: Report, withTables: number): string {
  const { usPerAtom, structures } = report;
  const row = (name: string, value: string): string => `  ${name.padEnd(16)} ${value}`;
  return [
    `energy + forces, ${report.atoms} atoms in ${structures} structure${structures === 1 ? '' : 's'}, ${report.edgesPerAtom.toFixed(1)} edges per atom; ${report.runs} run${report.runs === 1 ? '' : 's'}`,
    row('µs/atom', `${digits(usPerAtom.min)} minimum, ${digits(usPerAtom.median)} median`),
    row('atoms·steps/s', `${digits(report.atomStepsPerSecond)} at the median`),
    row('ns/day at 1 fs', `${digits(report.nsPerDay)} at the median`),
    ...(report.shareOfPeak === null || report.peakFlops === null
      ? []
      : [
          row(
            'share of peak',
            `${percent(report.shareOfPeak)} at the median, of ${(report.peakFlops / 1e9).toFixed(0)} GFLOP/s a thread`,
          ),
        ]),
    row('model', report.model),
    row('structures', report.file),
    row('backend', `${report.backend}, ${report.precision}, ${distanceFunctionsText(withTables, structures)}`),
    row('device', report.device),
    row('threads', String(report.threads)),
    ...(report.profile ?? []).map(({ kernel, usPerAtom: time, share, shareOfPeak }, i) =>
      row(
        i === 0 ? 'µs/atom by kernel' : '',
        `${(100 * share).toFixed(1).padStart(5)} % ${digits(time).padStart(6)}  ${(shareOfPeak === null ? '' : `${percent(shareOfPeak)} of peak`).padStart(12)}  ${kernel}`,
      ),
    ),
    '',
  ].join('\n');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

/** Four significant digits, without an exponent. */
function digits(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}
