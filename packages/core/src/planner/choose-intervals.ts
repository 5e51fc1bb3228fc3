/**
 * How many intervals a table of a function of distance needs for a gate.
 *
 * With pieces of degree d the error of the slope falls with power d of their length, that of the value with the next higher.
 * So a trial length is measured on some of its intervals alone, which says what length is needed; that one is measured in
 * turn, where pieces are farthest off.
 */
import type { DistanceSampler } from './distance-sampler.js';
import { distancesAt, farthestOff, fitPieces, fittedAt, valuesOfPieces, type PiecesShape } from './fit-pieces.js';
import { usualDegree, type TableGate } from './table-gate.js';

interface Errors {
  readonly valueError: number;
  readonly slopeError: number;
}

export interface MeasuredIntervals extends Errors {
  readonly intervals: number;
}

const firstTrial = 64;
const leastIntervals = 16;
/** What a trial aims at, as a fraction of the gate. */
const aim = 0.7;
const trials = 2;
const intervalsOfTrial = 6;
const intervalsOfVerification = 24;

/** The number of intervals, of those that {@link nextSize} gives, and its measured errors; null where too many are needed. */
export function chooseIntervals(sampler: DistanceSampler, gate: TableGate): MeasuredIntervals | null {
  const degree = gate.degree ?? usualDegree;
  const { groups, width } = sampler.graphs;
  const most = Math.min(
    gate.mostIntervals ?? 16384,
    Math.floor((gate.mostValues ?? 2 ** 26) / (groups * (degree + 1) * width)),
  );
  const measure = (intervals: number, some: number): Errors =>
    errorsAt(sampler, { range: gate.range, intervals, degree }, some);
  const needed = (intervals: number, { valueError, slopeError }: Errors): number =>
    nextSize(
      intervals *
        Math.max(
          (valueError / (aim * gate.valueError)) ** (1 / (degree + 1)),
          (slopeError / (aim * gate.slopeError)) ** (1 / degree),
        ),
    );
  if (most < 1) return null;
  let intervals = Math.min(firstTrial, most);
  // Far from the length that is needed the error falls otherwise than near it.
  for (let trial = 0; trial < trials; trial++)
    intervals = Math.min(needed(intervals, measure(intervals, intervalsOfTrial)), most);
  for (;;) {
    const measured = measure(intervals, intervalsOfVerification);
    if (measured.valueError <= gate.valueError && measured.slopeError <= gate.slopeError)
      return { intervals, ...measured };
    const more = Math.max(needed(intervals, measured), nextSize(intervals + 1));
    if (!(more <= most)) return null;
    intervals = more;
  }
}

/** The least of 4, 5, 6 and 7 times 2ᵏ, from 16 on: a size that small changes of a model rarely change. Infinity of what is not a number. */
function nextSize(intervals: number): number {
  if (!Number.isFinite(intervals)) return Infinity;
  let step = leastIntervals / 4;
  while (8 * step < intervals) step *= 2;
  return Math.max(leastIntervals, Math.ceil(intervals / step) * step);
}

/** Largest errors on some intervals of a table, the first and the last among them, as fractions of the largest value and slope. */
function errorsAt(sampler: DistanceSampler, shape: PiecesShape, mostIntervals: number): Errors {
  const { intervals, degree } = shape;
  const some = Math.min(mostIntervals, intervals);
  const chosen = Array.from({ length: some }, (_, i) => Math.round((i * (intervals - 1)) / Math.max(some - 1, 1)));
  const { functions, width } = sampler.graphs;
  // They are about as far off at all of these.
  const places = farthestOff(degree).filter((_, i) => i % 2 === 0);
  const sampleAt = (where: readonly number[]): Float64Array =>
    sampler.sampleDistinct(distancesAt(shape, chosen, where));
  const exact = sampleAt(places);
  const pieces = fitPieces(sampleAt(fittedAt(degree)), functions, shape);
  const errors = valuesOfPieces(pieces, functions, shape, places).map((value, i) => value - exact[i]!);
  const largestErrors = largestByOrder(sampler.widened(errors), width);
  // Of so many distances one in an interval is enough to know how large values become.
  const largest = largestByOrder(sampler.widened(sampleAt([0])), width);
  const relative = (order: 0 | 1): number => (largest[order] === 0 ? 0 : largestErrors[order] / largest[order]);
  return { valueError: relative(0), slopeError: relative(1) };
}

/** Of values and slopes [rows, 2, width] the largest value and the largest slope, NaN if there is one. */
function largestByOrder(samples: Float64Array, width: number): [number, number] {
  const largest: [number, number] = [0, 0];
  for (let from = 0; from < samples.length; from += width) {
    const order = (from / width) % 2 === 0 ? 0 : 1;
    let most = largest[order];
    for (let f = 0; f < width; f++) most = Math.max(most, Math.abs(samples[from + f]!));
    largest[order] = most;
  }
  return largest;
}
