/**
 * `mace estimate`: the memory and the time that energy and forces would take, without computing them. Neighbor lists and the plan are
 * made, which says the memory and the arithmetic exactly; the time follows from a run of a few of the atoms.
 */
import { freemem, totalmem } from 'node:os';
import {
  createCalculator,
  FormatError,
  UnsupportedError,
  type Calculator,
  type EvaluateOptions,
  type Structure,
} from '@mace/core';
import { timed } from '@mace/core/benchmark';
import { bytesPerEdge, countNeighbors, makeStructure, maximumEdges } from '@mace/core/structure';
import { readFrames } from '@mace/io/node';
import { backendNamed } from '../backends/index.js';
import { bundledModel, loadModel, structureFiles, type ToldOptions } from '../inputs.js';
import { print, printJson, yellow } from '../console.js';
import { distanceFunctionsText } from '../frame-text.js';
import { withTables } from '../program/defaults.js';

export interface EstimateOptions extends ToldOptions {
  readonly model?: string;
  readonly structures?: string;
  readonly format?: string;
  readonly head?: string;
  readonly backend: string;
  readonly precision: 'f64' | 'f32';
  readonly exact?: boolean;
  readonly tables?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

/** What `--json` prints. */
interface Estimate {
  readonly atoms: number;
  readonly edgesPerAtom: number;
  /** Weights and tables; neighbor lists; what a run needs beside them; of this machine, all and free. */
  readonly bytes: {
    readonly model: number;
    readonly neighbors: number;
    readonly run: number;
    readonly total: number;
    readonly machine: number;
    readonly free: number;
  };
  /** Runs one after the other; each computes again some of what its neighbors compute. */
  readonly parts: number;
  readonly multiplyAddsPerAtom: number;
  /** Of energy and forces, once. */
  readonly seconds: number;
  readonly usPerAtom: number;
  /** Atoms of the sample that was timed. */
  readonly sampleAtoms: number;
  readonly backend: string;
  readonly device: string;
  readonly precision: 'f64' | 'f32';
  readonly threads: number;
  readonly model: string;
  readonly file: string;
}

/** Atoms that are computed to see how fast this machine is. */
const sampleAtoms = 128;
const sampleRuns = 5;
/** Senders, receivers and their orders, shifts, vectors: what remains of a list once a batch is made of it. */
const bytesKeptPerEdge = 4 * 4 + 3 * 4 + 3 * 8;

/** @throws UnsupportedError for more edges than there is memory for, FormatError for a file without atoms, or a backend that does not say what a run takes */
export async function estimate(options: EstimateOptions): Promise<void> {
  const { precision } = options;
  const named = options.structures === undefined ? [] : [options.structures];
  const file = (await structureFiles(named, options.format)).at(-1)!;
  const structures = await readFrames(file, { format: options.format });
  if (!structures.some(({ numbers }) => numbers.length > 0))
    throw new FormatError(`--structures ${file}: there are no atoms in it. Give a file with at least one structure.`);
  const model = await loadModel(options.model, options);
  refuseLongLists(file, structures, model.config.cutoff);
  const backend = await backendNamed(options.backend, { threads: options.threads });
  const availability = await backend.probe();
  const threads = (availability.available && availability.capabilities.threads) || 1;
  const calculator = await createCalculator({ model, backend, precision, tables: withTables('estimate', options) });
  try {
    const found = await estimateOf(calculator, structures, threads, options.head);
    const report = { ...found.report, model: options.model ?? bundledModel, file };
    if (options.json) printJson(report);
    else print(estimateText(report, found.withTables, structures.length));
  } finally {
    await calculator.dispose();
  }
}

/** Counts the edges before any are kept. @throws UnsupportedError (`size`) where there is no memory for them */
function refuseLongLists(file: string, structures: readonly Structure[], cutoff: number): void {
  const atoms = structures.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const edges = structures.reduce((sum, structure) => sum + countNeighbors(structure, cutoff), 0);
  if (edges <= maximumEdges(atoms)) return;
  throw new UnsupportedError(
    'size',
    `--structures ${file}: its ${atoms} atoms have ${edges} edges within ${cutoff} Å, whose lists take ${bytesText(edges * bytesPerEdge)}, and ` +
      `${bytesText(freemem())} are free. Check the unit of cell and positions (Å), or compute fewer atoms at once.`,
  );
}

async function estimateOf(
  calculator: Calculator,
  structures: readonly Structure[],
  threads: number,
  head: string | undefined,
): Promise<{ report: Omit<Estimate, 'model' | 'file'>; withTables: number }> {
  const { backend, device, precision } = calculator;
  const asked: EvaluateOptions = { properties: ['forces'], ...(head !== undefined && { head }) };
  const prepared = await calculator.prepare(structures, asked);
  const cost = prepared.cost();
  if (!cost)
    throw new FormatError(
      `--backend ${backend} does not say what a run takes. Use --backend wasm, or time it with mace bench.`,
    );
  const held = calculator.memory().liveBytes;
  const sample = sampleOf(structures);
  const some = await calculator.prepare([sample], asked);
  const seconds = Math.min(...(await timed(() => some.run(), sampleRuns)));
  const perMultiplyAdd = seconds / (some.cost()?.multiplyAdds ?? NaN);
  const { atoms, edges, parts, withTables } = prepared;
  // A part has neighbors of its own, at most as many again.
  const neighbors = edges * bytesKeptPerEdge * Math.min(parts, 2);
  const expected = cost.multiplyAdds * perMultiplyAdd;
  return {
    withTables,
    report: {
      atoms,
      edgesPerAtom: edges / atoms,
      bytes: {
        model: held,
        neighbors,
        run: cost.bytes,
        total: held + neighbors + cost.bytes,
        machine: totalmem(),
        free: freemem(),
      },
      parts,
      multiplyAddsPerAtom: cost.multiplyAdds / atoms,
      seconds: expected,
      usPerAtom: (1e6 * expected) / atoms,
      sampleAtoms: some.atoms,
      backend,
      device,
      precision,
      threads,
    },
  };
}

/** The atoms nearest to the first of the largest structure, in its cell if that is all of them. */
function sampleOf(structures: readonly Structure[]): Structure {
  const largest = structures.reduce((a, b) => (b.numbers.length > a.numbers.length ? b : a));
  const { numbers, positions, info } = largest;
  if (numbers.length <= sampleAtoms) return largest;
  const distance = (atom: number): number =>
    Math.hypot(...[0, 1, 2].map((axis) => positions[3 * atom + axis]! - positions[axis]!));
  const distances = Float64Array.from(numbers, (_, atom) => distance(atom));
  const nearest = Array.from(numbers.keys())
    .sort((a, b) => distances[a]! - distances[b]!)
    .slice(0, sampleAtoms);
  return makeStructure({
    numbers: nearest.map((atom) => numbers[atom]!),
    positions: nearest.flatMap((atom) => [...positions.subarray(3 * atom, 3 * atom + 3)]),
    info, // with its head and charge
  });
}

function estimateText(report: Estimate, withTables: number, structures: number): string {
  const { bytes } = report;
  const row = (name: string, value: string): string => `  ${name.padEnd(16)} ${value}`;
  const lines = [
    `energy + forces, ${report.atoms} atoms in ${structures} structure${structures === 1 ? '' : 's'}, ${report.edgesPerAtom.toFixed(1)} edges per atom: not computed`,
    row(
      'time',
      `about ${secondsText(report.seconds)}, ${report.usPerAtom.toPrecision(3)} µs/atom, from ${report.sampleAtoms} atoms here`,
    ),
    row(
      'memory',
      `${bytesText(bytes.total)}, of ${bytesText(bytes.machine)} of which ${bytesText(bytes.free)} are free`,
    ),
    row('', `model ${bytesText(bytes.model)}, neighbors ${bytesText(bytes.neighbors)}, run ${bytesText(bytes.run)}`),
    ...(report.parts > 1
      ? [
          row(
            '',
            `in ${report.parts} parts, one after the other: at once it needs more than ${report.backend} can have`,
          ),
        ]
      : []),
    row('multiply-adds', `${(report.multiplyAddsPerAtom / 1e6).toPrecision(3)} million per atom`),
    row('model', report.model),
    row('structures', report.file),
    row('backend', `${report.backend}, ${report.precision}, ${distanceFunctionsText(withTables, structures)}`),
    row('device', report.device),
    row('threads', String(report.threads)),
  ];
  if (bytes.total > bytes.free)
    lines.push(yellow('  More memory than is free: close programs, or compute in f32, or fewer atoms at once.'));
  return `${lines.join('\n')}\n`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

function secondsText(seconds: number): string {
  if (seconds < 1) return `${(1000 * seconds).toPrecision(2)} ms`;
  return seconds < 120 ? `${seconds.toPrecision(2)} s` : `${(seconds / 60).toPrecision(2)} minutes`;
}
